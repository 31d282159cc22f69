using Google.Protobuf;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Uploads;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Commits;

/// <summary>
/// Makes a commit and keeps <c>.gitattributes</c> true: large files that no rule of it names get one, in the same commit, so that git treats
/// them as such too. A client that commits the rules itself is left alone.
/// </summary>
internal sealed class LargeFileRules(Garden garden, CreateCommitRequest commit)
{
    private const int MaximumAttempts = 5;
    private readonly string _parent = commit.Parent;
    private readonly int _operations = commit.Operations.Count;

    public async Task<Commit> CommitAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await AmendAsync(cancellationToken);
            try
            {
                return await garden.Catalog.CreateCommitAsync(commit, cancellationToken: cancellationToken);
            }
            catch (ErrorException exception) when (IsOurRace(exception.Error) && attempt < MaximumAttempts)
            {
                // Somebody else committed between our reading of the rules and our writing; the client asked for no parent.
            }
        }
    }

    private bool IsOurRace(Error error) => error.Reason is "PARENT_MOVED" && _parent.Length is 0 && commit.Parent.Length > 0;

    private async Task AmendAsync(CancellationToken cancellationToken)
    {
        Reset();
        var paths = commit.Operations.Where(operation => operation.AddLargeFile is not null).Select(operation => operation.AddLargeFile.Path).ToList();
        if (paths.Count is 0 || commit.Operations.Any(operation => PathOf(operation) is GitAttributes.FileName))
        {
            return;
        }

        var (text, head) = await ReadRulesAsync(cancellationToken);
        var rules = GitAttributes.Parse(text);
        var unnamed = paths.Where(path => rules.IsLarge(path) is not true).ToList();
        if (unnamed.Count > 0)
        {
            commit.Parent = head;
            var content = ByteString.CopyFromUtf8(GitAttributes.Extend(text, unnamed));
            commit.Operations.Add(new Operation { AddFile = new() { Path = GitAttributes.FileName, Content = content } });
        }
    }

    private void Reset()
    {
        commit.Parent = _parent;
        while (commit.Operations.Count > _operations)
        {
            commit.Operations.RemoveAt(commit.Operations.Count - 1);
        }
    }

    private async Task<(string Text, string Head)> ReadRulesAsync(CancellationToken cancellationToken)
    {
        var revision = _parent.Length > 0 ? _parent : commit.Branch;
        var found = await garden.Catalog.GetEntriesAsync(
            new() { Name = commit.Name, Kind = commit.Kind, Revision = revision, Paths = { GitAttributes.FileName } }, cancellationToken: cancellationToken);
        if (found.Entries.Count is 0)
        {
            return ("", found.Commit);
        }

        var file = await garden.Catalog.ReadFileAsync(
            new() { Name = commit.Name, Kind = commit.Kind, Revision = found.Commit, Path = GitAttributes.FileName }, cancellationToken: cancellationToken);
        return (file.Content.ToStringUtf8(), found.Commit);
    }

    private static string PathOf(Operation operation) => operation.OperationCase switch
    {
        Operation.OperationOneofCase.AddFile => operation.AddFile.Path,
        Operation.OperationOneofCase.DeletePath => operation.DeletePath.Path,
        _ => "",
    };
}
