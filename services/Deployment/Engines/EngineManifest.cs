using System.Text.Json;
using System.Text.Json.Serialization;
using ModelGarden.Kernel;

namespace ModelGarden.Deployment.Engines;

/// <summary>What <c>engines.json</c> says of one engine; <c>deploy/engines/README.md</c> explains each part.</summary>
internal sealed record Engine
{
    public required string Id { get; init; }

    public string Title { get; init; } = "";

    /// <summary>Formats that it loads, as <c>FileFacts.format</c> names them.</summary>
    public required IReadOnlyList<string> Formats { get; init; }

    /// <summary>openai or oip-v2.</summary>
    public required string Api { get; init; }

    /// <summary>A program on the PATH.</summary>
    public required string Executable { get; init; }

    /// <summary>With <c>{model}</c>, <c>{alias}</c> and <c>{port}</c> to be filled in.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>More of them for a model that gives vectors.</summary>
    public IReadOnlyList<string> EmbeddingArguments { get; init; } = [];

    public EngineInstall? Install { get; init; }

    public required string ReadyPath { get; init; }

    /// <summary>It tells what it does on standard output, and picks its port itself.</summary>
    public bool Events { get; init; }

    /// <summary>It ends when its standard input is closed.</summary>
    public bool ExitsWithParent { get; init; }

    public override string ToString() => Id;
}

/// <summary>How an engine's package is made ready: folders copied, then commands run in one of them.</summary>
internal sealed record EngineInstall(IReadOnlyList<string> Copy, string Folder, IReadOnlyList<IReadOnlyList<string>> Commands, string Creates);

internal sealed record EngineList(IReadOnlyList<Engine> Engines);

/// <summary>The engines that a garden knows, in the order of preference.</summary>
internal sealed class EngineManifest
{
    private EngineManifest(string folder, IReadOnlyList<Engine> engines, IReadOnlyList<Engine> offered) => (Folder, Engines, Offered) = (folder, engines, offered);

    /// <summary>Where the packages lie; empty: nowhere.</summary>
    public string Folder { get; }

    public IReadOnlyList<Engine> Engines { get; }

    /// <summary>Those that the planner may choose, in the order of preference.</summary>
    public IReadOnlyList<Engine> Offered { get; }

    public Engine? Find(string id) => Engines.FirstOrDefault(engine => engine.Id == id);

    /// <summary>Those of this folder; empty: of <c>deploy/engines</c> in a folder above the program; none there: no engines.</summary>
    public static Result<EngineManifest> Load(string folder)
    {
        var found = folder.Length > 0 ? folder : Above(new DirectoryInfo(AppContext.BaseDirectory));
        if (found.Length is 0)
        {
            return new EngineManifest("", [], []);
        }

        var path = Path.Combine(found, "engines.json");
        try
        {
            using var stream = File.OpenRead(path);
            var list = JsonSerializer.Deserialize(stream, EngineJson.Default.EngineList);
            return list is { Engines: not null } ? new EngineManifest(Path.GetFullPath(found), list.Engines, list.Engines) : Error.Invalid("BAD_ENGINES", $"{path} lists no engines");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return Error.Invalid("BAD_ENGINES", $"{path} cannot be read: {exception.Message}");
        }
    }

    /// <summary>Offers only these, in this order; none named: all as they stand.</summary>
    /// <param name="ids">With commas between them.</param>
    public Result<EngineManifest> Offering(string ids)
    {
        var names = ids.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var unknown = names.FirstOrDefault(name => Find(name) is null);
        return unknown is not null
            ? Error.Invalid("BAD_RUNTIMES", $"Garden:Deployment:Runtimes names '{Text.Shorten(unknown)}', which engines.json does not: it has {string.Join(", ", Engines)}")
            : new EngineManifest(Folder, Engines, names.Length > 0 ? [.. names.Select(name => Find(name)!)] : Engines);
    }

    private static string Above(DirectoryInfo? folder) => folder switch
    {
        null => "",
        _ when File.Exists(Path.Combine(folder.FullName, "deploy", "engines", "engines.json")) => Path.Combine(folder.FullName, "deploy", "engines"),
        _ => Above(folder.Parent),
    };
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web), JsonSerializable(typeof(EngineList))]
internal sealed partial class EngineJson : JsonSerializerContext;
