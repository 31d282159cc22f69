using System.Collections.Concurrent;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Deployment.Engines;
using ModelGarden.Deployment.Files;
using ModelGarden.Deployment.Reconciling;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class TargetPreparationTests : IDisposable
{
    private static readonly byte[] Bytes = new byte[100];
    private readonly string _folder = Directory.CreateTempSubdirectory("preparation-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Begin_FromFetchingToInstalling_NamesWhatIsDone()
    {
        var manifest = EngineManifest.Load(Repo.PathOf("tests/Deployment.Tests/Engine")).OrThrow();
        var target = new Target
        {
            Revision = "0123456789", File = "model.fake", Runtime = "fake-events", Protocol = "openai", Files = [new("model.fake", Sha256Digest.Of(Bytes).Hex, 100)],
        };
        var said = new ConcurrentQueue<(Preparation Stage, string Activity)>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TargetPreparation? preparation = null;
        preparation = new(
            target, "acme", "chat", new(_folder, 1000, new Source()), new EngineInstaller(manifest, _folder, "", TimeSpan.FromSeconds(30)), manifest, _ => default, () =>
            {
                said.Enqueue((preparation!.Attempt.Preparation, preparation.Activity));
                if (preparation.Attempt.Preparation is Preparation.Done)
                {
                    done.TrySetResult();
                }
            });
        await using var disposed = preparation;

        preparation.Begin();
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Contains((Preparation.Fetching, "fetching model.fake (100 B)"), said);
        Assert.All(said.Where(one => one.Stage is Preparation.Installing), one => Assert.Equal("getting the engine fake-events ready", one.Activity));
        Assert.Contains(said, one => one.Stage is Preparation.Installing);
    }

    private sealed class Source : IFileSource
    {
        public Task<Result<FileBody>> OpenAsync(TargetFile file, string tenant, long start, CancellationToken cancellationToken) =>
            Task.FromResult<Result<FileBody>>(new FileBody(new HttpResponseMessage(), new MemoryStream(Bytes), start));
    }
}
