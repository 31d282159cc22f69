using System.Security.Cryptography;
using ModelGarden.Cli.Tests.Doubles;

namespace ModelGarden.Cli.Tests.RealGarden;

/// <summary>Models of a real garden taken into another namespace's model of it: what upstream said of their files is held against them, and shown.</summary>
public sealed class RealImportTests : IAsyncLifetime
{
    private readonly Machine _machine = new();
    private GardenOfBooks _garden = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenOfBooks.StartAsync();
        (_machine["GARDEN_TOKEN"], _machine["GARDEN_SOURCE_TOKEN"], _machine["GARDEN_URL"]) = (_garden.Token, _garden.Token, _garden.Address.ToString().TrimEnd('/'));
        _machine.Write("upstream/weights.safetensors", RandomNumberGenerator.GetBytes(1000));
        _machine.Write("upstream/notes.txt", "one");
        _machine.Write("upstream/sub/more.txt", "two");
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Import_ChangedAfterwards_ShowsWhatIsStillUpstreams()
    {
        (await _machine.RunAsync("models", "publish", "upstream", "--name", "books/upstream")).Ok();

        var imported = (await _machine.RunAsync("models", "import", $"{_garden.Address.ToString().TrimEnd('/')}/books/upstream", "--name", "books/copy", "--json")).Ok();
        _machine.Write("changed/notes.txt", "three");
        (await _machine.RunAsync("models", "publish", "changed", "--name", "books/copy")).Ok();
        var origin = (await _machine.RunAsync("models", "origin", "books/copy", "--json")).Ok().Json;
        var same = (await _machine.RunAsync("models", "origin", "books/copy", "--state", "same")).Ok();
        var shown = (await _machine.RunAsync("models", "show", "books/copy")).Ok();

        var source = imported.Json["source"]!;
        Assert.Equal((4, 4), ((int)source["checksums"]!["files"]!, (int)origin["record"]!["source"]!["checksums"]!["files"]!));
        Assert.Equal(["notes.txt CHANGED"], origin["files"]!.AsArray().Select(file => $"{file!["path"]} {((string)file["state"]!)["ORIGIN_FILE_STATE_".Length..]}").Where(file => !file.StartsWith(".git", StringComparison.Ordinal)));
        Assert.Contains("sub/more.txt", same.Out, StringComparison.Ordinal);
        Assert.Contains("weights.safetensors", same.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("notes.txt", same.Out, StringComparison.Ordinal);
        Assert.Contains($"record 1: 4 files of {(string)source["origin"]!} at {(string)source["originRevision"]!}", shown.Out, StringComparison.Ordinal);
    }
}
