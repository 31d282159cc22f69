using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ModelGarden.Charts.Tests;

/// <summary>What Helm rendered, as Kubernetes would read it.</summary>
public sealed class Manifests
{
    private Manifests(IReadOnlyList<JsonObject> all) => All = all;

    public IReadOnlyList<JsonObject> All { get; }

    public IEnumerable<JsonObject> Deployments => OfKind("Deployment");

    /// <summary>The containers of all deployments, by name: one a service.</summary>
    public IReadOnlyDictionary<string, JsonObject> Containers => Deployments.SelectMany(ContainersOf).ToDictionary(container => container.Text("name"));

    /// <summary>Renders the chart as release <c>garden</c> in namespace <c>models</c>.</summary>
    public static async Task<Manifests> RenderAsync(Tools tools, params string[] arguments)
    {
        var ended = await tools.HelmAsync(["template", "garden", Tools.Chart, "--namespace", "models", .. arguments]);
        Assert.True(ended.ExitCode is 0, ended.Errors);
        return Parse(ended.Output);
    }

    public static Manifests Parse(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return new([.. stream.Documents.Select(document => ToJson(document.RootNode)).OfType<JsonObject>()]);
    }

    public static IEnumerable<JsonObject> ContainersOf(JsonObject deployment) => deployment.At("spec", "template", "spec", "containers")!.AsArray().Select(node => node!.AsObject());

    public IEnumerable<JsonObject> OfKind(string kind) => All.Where(manifest => manifest.Text("kind") == kind);

    public JsonObject Find(string kind, string name) => OfKind(kind).Single(manifest => manifest.Text("metadata", "name") == name);

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, ToJson(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => ToPlain(scalar.Value ?? ""),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new InvalidDataException($"{node.NodeType} at {node.Start}"),
    };

    private static JsonValue? ToPlain(string text) => text switch
    {
        "" or "null" or "~" => null,
        "true" or "false" => JsonValue.Create(text is "true"),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}

internal static class JsonPaths
{
    extension(JsonNode node)
    {
        /// <summary>What is at the end of these names, or null.</summary>
        public JsonNode? At(params string[] path) => path.Aggregate((JsonNode?)node, (here, name) => (here as JsonObject)?[name]);

        public string Text(params string[] path) => node.At(path)?.ToString() ?? throw new InvalidDataException($"there is no {string.Join('.', path)} in {node.ToJsonString()}");

        /// <summary>A list, or none of it.</summary>
        public IEnumerable<JsonNode> Each(params string[] path) => node.At(path)?.AsArray().Select(item => item!) ?? [];

        public IReadOnlyDictionary<string, string> Map(params string[] path) =>
            node.At(path)?.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value!.ToString()) ?? [];
    }
}
