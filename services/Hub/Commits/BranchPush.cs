using System.Globalization;
using System.Text;
using Google.Protobuf;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Git;
using ModelGarden.Hub.Remembering;
using ModelGarden.Hub.Routing;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Commits;

/// <summary>Moves a branch that is there to a revision that it need not lead to, or begins one without files: what git does by a forced push, and by the same rules.</summary>
internal sealed class BranchPush(Garden garden, OwnChanges own, TimeProvider clock, HubRequest request)
{
    private const string Summary = "Empty branch";
    private static readonly ObjectId NoFiles = ObjectId.Of("tree", []);

    /// <param name="branch">Its full name, and where it is; no commit: it is not there yet.</param>
    /// <param name="commit">Where it goes.</param>
    public Task<Ref> MoveAsync(Ref branch, string commit) => PushAsync(branch, commit, new());

    /// <summary>Its history begins anew, with a commit of no files.</summary>
    public Task<Ref> EmptyAsync(Ref branch)
    {
        var account = request.Caller.Principal.Name;
        var person = string.Create(CultureInfo.InvariantCulture, $"{account} <{account}@garden> {clock.GetUtcNow().ToUnixTimeSeconds()} +0000");
        var commit = Encoding.UTF8.GetBytes($"tree {NoFiles.Hex}\nauthor {person}\ncommitter {person}\n\n{Summary}\n");
        var objects = new GitObjects
        {
            Objects =
            {
                new GitObject { Type = GitObjectType.Tree },
                new GitObject { Type = GitObjectType.Commit, Content = ByteString.CopyFrom(commit) },
            },
        };
        return PushAsync(branch, ObjectId.Of("commit", commit).Hex, objects);
    }

    private async Task<Ref> PushAsync(Ref branch, string commit, GitObjects objects)
    {
        var pushed = await new CatalogPush(garden, own, request).RunAsync(StartOf(branch, commit, objects), requests => requests.WriteAsync(new() { Objects = objects }, request.Cancel));
        return pushed.Results.Single().Refusal is { Length: > 0 } refusal
            ? throw new ErrorException(Error.Conflict("BRANCH_STAYS", $"{branch.Name} stays where it is: {refusal}"))
            : new() { Name = branch.Name, Commit = commit };
    }

    private PushStart StartOf(Ref branch, string commit, GitObjects objects) => new()
    {
        Name = request.Repository,
        Kind = request.Kind,
        Updates = { new RefUpdate { Name = branch.Name, Old = branch.Commit, New = commit } },
        Objects = objects.Objects.Count,
        Bytes = objects.Objects.Sum(one => one.Content.Length),
    };
}
