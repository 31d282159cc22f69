using System.Text;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Deployment.Files;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class FileCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cache-").FullName;
    private readonly Source _source = new();

    private static CancellationToken Cancel => Patience.Cancel;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Get_BeyondTheBound_DropsTheLeastRecentlyUsedThatNobodyHolds()
    {
        var cache = new FileCache(_folder, 250, _source);
        var held = (await cache.GetAsync(File('a'), "acme", _ => { }, Cancel)).OrThrow();
        await FetchAndReleaseAsync(cache, 'b');

        await FetchAndReleaseAsync(cache, 'c');

        Assert.True(System.IO.File.Exists(held.Path));
        Assert.Equal(["a", "c"], Kept());
        held.Dispose();
        await FetchAndReleaseAsync(cache, 'd');
        Assert.Equal(["c", "d"], Kept());
    }

    [Fact]
    public async Task Get_ByManyAtOnce_FetchesOnce()
    {
        var cache = new FileCache(_folder, 1000, _source);

        var leases = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => cache.GetAsync(File('a'), "acme", _ => { }, Cancel)));

        Assert.Single(leases.Select(lease => lease.OrThrow().Path).Distinct());
        Assert.Equal(1, _source.Opened);
    }

    [Fact]
    public async Task Get_PartLeftByAKilledProcess_IsReadOnlyAsFarAsItIsRight()
    {
        var file = File('a');
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder, $"{file.Sha256}.part"), new string('x', 40), Cancel);
        var cache = new FileCache(_folder, 1000, _source);

        var first = await cache.GetAsync(file, "acme", _ => { }, Cancel);
        var second = await cache.GetAsync(file, "acme", _ => { }, Cancel);

        Assert.Equal("BAD_BYTES", first.Error!.Reason);
        Assert.Equal(new string('a', 100), await System.IO.File.ReadAllTextAsync(second.OrThrow().Path, Cancel));
    }

    private async Task FetchAndReleaseAsync(FileCache cache, char content) =>
        (await cache.GetAsync(File(content), "acme", _ => { }, Cancel)).OrThrow().Dispose();

    private IEnumerable<string> Kept() => Directory.GetFiles(_folder).Select(path => System.IO.File.ReadAllText(path)[..1]).Order(StringComparer.Ordinal);

    private static TargetFile File(char content) => new($"{content}.bin", Sha256Digest.Of(Bytes(content)).Hex, 100);

    private static byte[] Bytes(char content) => Encoding.ASCII.GetBytes(new string(content, 100));

    private sealed class Source : IFileSource
    {
        private int _opened;

        public int Opened => _opened;

        public Task<Result<FileBody>> OpenAsync(TargetFile file, string tenant, long start, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _opened);
            return Task.FromResult<Result<FileBody>>(new FileBody(new HttpResponseMessage(), new MemoryStream(Bytes(file.Path[0])[(int)start..]), start));
        }
    }
}
