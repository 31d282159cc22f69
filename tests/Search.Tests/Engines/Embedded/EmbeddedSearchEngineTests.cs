using Microsoft.Extensions.Logging.Abstractions;
using ModelGarden.Search.Engines;
using ModelGarden.Search.Engines.Embedded;
using ModelGarden.Testing;

namespace ModelGarden.Search.Tests.Engines.Embedded;

/// <summary>The contract, with changes in memory only.</summary>
public class EmbeddedSearchEngineTests : SearchEngineContract, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("garden-index-");
    private readonly List<EmbeddedSearchEngine> _engines = [];
    private readonly Dictionary<ISearchEngine, string> _folders = [];

    private protected virtual EmbeddedOptions Options => new();

    public void Dispose()
    {
        foreach (var engine in _engines)
        {
            engine.Dispose();
        }

        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected override ISearchEngine Open() => Open(Path.Combine(_folder.FullName, $"{_engines.Count}"));

    private protected EmbeddedSearchEngine Open(string folder)
    {
        var engine = EmbeddedSearchEngine.Open(folder, Options, NullLogger.Instance);
        _engines.Add(engine);
        _folders[engine] = folder;
        return engine;
    }

    private protected EmbeddedSearchEngine Reopen(ISearchEngine engine)
    {
        var closed = (EmbeddedSearchEngine)engine;
        closed.Dispose();
        _engines.Remove(closed);
        return Open(_folders[engine]);
    }
}

/// <summary>The contract, with a checkpoint after every few changes, beside them: segments on the disk, merges, and changes that come while they are made.</summary>
public sealed class EmbeddedSearchEngineOnDiskTests : EmbeddedSearchEngineTests
{
    private protected override EmbeddedOptions Options => new() { CheckpointChanges = 3 };

    private protected override async ValueTask<ISearchEngine> GoOnAsync(ISearchEngine engine)
    {
        await engine.CompleteAsync(engine.Position, Patience.Cancel);
        return engine;
    }
}

/// <summary>The contract, with the index closed and opened again all the time: what the log and the segments hold is what there was.</summary>
public sealed class EmbeddedSearchEngineReopenedTests : EmbeddedSearchEngineTests
{
    private protected override EmbeddedOptions Options => new() { CheckpointChanges = 25 };

    private protected override async ValueTask<ISearchEngine> GoOnAsync(ISearchEngine engine)
    {
        await engine.CompleteAsync(engine.Position, Patience.Cancel);
        var (count, position, reopened) = (engine.Count, engine.Position, Reopen(engine));
        Assert.Equal((count, position, true), (reopened.Count, reopened.Position, reopened.IsWhole));
        return reopened;
    }
}
