using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Commands;

/// <summary>Where a model's files are from, as it is shown.</summary>
public sealed class OriginTests : IAsyncLifetime
{
    private readonly List<GetOriginRequest> _asked = [];
    private GardenDouble _garden = null!;
    private Machine _machine = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
        _garden.On<GetOriginRequest>("GetOrigin", request =>
        {
            _asked.Add(request);
            return Answer(request.PageToken.Length is 0);
        });
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Origin_OfAModel_ShowsWhatDiffersFromUpstream()
    {
        var ran = (await _machine.RunAsync("models", "origin", "acme/tiny@v1")).Ok();

        Assert.Equal(["", "next"], _asked.Select(request => request.PageToken));
        Assert.Equal(("acme/tiny", "v1", 0L), (_asked[0].Name, _asked[0].Revision, _asked[0].Number));
        Assert.Equal([OriginFileState.Changed, OriginFileState.Added, OriginFileState.Removed], _asked[0].States);
        Assert.Contains("mirrored: https://maker.example.com/llama at v7", ran.Out, StringComparison.Ordinal);
        Assert.Contains("by ann, as number 2", ran.Out, StringComparison.Ordinal);
        Assert.Contains($"{new string('d', 64)} of 9 files", ran.Out, StringComparison.Ordinal);
        Assert.Contains("7 as upstream has them, 1 changed, 1 gone", ran.Out, StringComparison.Ordinal);
        Assert.Matches($"README.md +changed +{new string('1', 40)} +{new string('2', 40)}", ran.Out);
        Assert.Matches($"old.bin +removed +{new string('3', 64)}", ran.Out);
    }

    [Fact]
    public async Task Origin_AsJson_IsWhatTheGardenSays()
    {
        var ran = (await _machine.RunAsync("models", "origin", "acme/tiny", "--state", "same", "--record", "2", "--json")).Ok();

        Assert.Equal((2L, OriginFileState.Same), (_asked[0].Number, Assert.Single(_asked[0].States)));
        Assert.Equal((7, 2, false), ((int)ran.Json["same"]!, ran.Json["files"]!.AsArray().Count, ran.Json.AsObject().ContainsKey("nextPageToken")));
    }

    [Fact]
    public async Task Origin_OfNothingRecorded_IsSaid()
    {
        _garden.Refuse("GetOrigin", 404, "ORIGIN_NOT_FOUND", "nothing is recorded");

        var ran = await _machine.RunAsync("models", "origin", "acme/tiny");

        Assert.Equal(1, ran.Code);
        Assert.Contains("nothing is recorded", ran.Err, StringComparison.Ordinal);
    }

    private static GetOriginResponse Answer(bool isFirst)
    {
        var answer = new GetOriginResponse
        {
            Record = new()
            {
                Number = 2,
                Revision = new('a', 40),
                Account = "ann",
                At = new() { Seconds = 1_800_000_000 },
                Source = new() { Kind = SourceKind.Mirrored, Origin = "https://maker.example.com/llama", OriginRevision = "v7", Checksums = new() { Files = 9, Digest = new('d', 64) } },
            },
            Commit = new('b', 40),
            Same = 7,
            Changed = 1,
            Removed = 1,
            NextPageToken = isFirst ? "next" : "",
        };
        answer.Files.Add(isFirst
            ? new OriginFileStatus { Path = "README.md", State = OriginFileState.Changed, Upstream = new() { Path = "README.md", Oid = new('1', 40) }, Here = new() { Path = "README.md", Oid = new('2', 40) } }
            : new OriginFileStatus { Path = "old.bin", State = OriginFileState.Removed, Upstream = new() { Path = "old.bin", Sha256 = new('3', 64) } });
        return answer;
    }
}
