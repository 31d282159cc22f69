using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>Catalog, as far as Artifacts asks it: the large files of commits, two a page, and which those are.</summary>
public sealed class CommitsDouble : Catalog.CatalogBase
{
    private const int PageSize = 2;
    private readonly ConcurrentDictionary<(string Repository, string Commit), string[]> _commits = new();

    public int Asked { get; private set; }

    /// <summary>What all their names end in.</summary>
    public string Ending { get; set; } = ".bin";

    public void Commit(string repository, string commit, IEnumerable<byte[]> files) => _commits[(repository, commit)] = [.. files.Select(file => Sha256Digest.Of(file).Hex)];

    public override Task<FilterUsedFilesResponse> FilterUsedFiles(FilterUsedFilesRequest request, ServerCallContext context) =>
        Task.FromResult(new FilterUsedFilesResponse { Sha256 = { request.Sha256.Where(asked => _commits.Values.Any(files => files.Contains(asked))) } });

    public override Task<FilterUsedHoldsResponse> FilterUsedHolds(FilterUsedHoldsRequest request, ServerCallContext context) => Task.FromResult(new FilterUsedHoldsResponse
    {
        Holds = { request.Holds.Where(hold => _commits.Any(commit => commit.Key.Item1.StartsWith($"{hold.Tenant}/", StringComparison.OrdinalIgnoreCase) && commit.Value.Contains(hold.Sha256))) },
    });

    public override Task<ListTreeResponse> ListTree(ListTreeRequest request, ServerCallContext context)
    {
        Asked++;
        Assert.True(request.Recursive);
        if (!_commits.TryGetValue((request.Name, request.Revision), out var files))
        {
            throw new ErrorException(Error.NotFound("REVISION_NOT_FOUND", $"no revision '{request.Revision}' in {request.Name}"));
        }

        var from = request.PageToken.Length is 0 ? 0 : int.Parse(request.PageToken, CultureInfo.InvariantCulture);
        var answer = new ListTreeResponse { Commit = request.Revision, NextPageToken = from + PageSize < files.Length ? $"{from + PageSize}" : "" };
        answer.Entries.Add(files.Skip(from).Take(PageSize).Select((sha256, n) => new TreeEntry { Path = $"{from + n}{Ending}", Sha256 = sha256 }));
        answer.Entries.Add(new TreeEntry { Path = "config.json" });
        return Task.FromResult(answer);
    }
}
