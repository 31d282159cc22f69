using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting;

namespace ModelGarden.Charts.Tests;

/// <summary>The environment that a container would run in, its secrets looked up.</summary>
internal static class ServiceEnvironment
{
    public static IReadOnlyDictionary<string, string> Of(JsonObject container, Manifests manifests) =>
        container.Each("env").ToDictionary(entry => entry.Text("name"), entry => entry.At("value")?.ToString() ?? Secret(entry.At("valueFrom", "secretKeyRef")!, manifests));

    /// <summary>What the service's host makes of it, its own validators run.</summary>
    public static GardenOptions Bind(string service, IReadOnlyDictionary<string, string> environment)
    {
        var settings = environment.ToDictionary(pair => pair.Key.Replace("__", ":", StringComparison.Ordinal), pair => (string?)pair.Value);
        var app = GardenService.Build(new ServiceDefinition(service, _ => { }, _ => { }), [], settings);
        return app.Services.GetRequiredService<IOptions<GardenOptions>>().Value;
    }

    // A secret that the operator brings is not in the chart: any text of a good length stands for it.
    private static string Secret(JsonNode reference, Manifests manifests) =>
        manifests.OfKind("Secret").SingleOrDefault(secret => secret.Text("metadata", "name") == reference.Text("name")) is { } made
            ? Encoding.UTF8.GetString(Convert.FromBase64String(made.Text("data", reference.Text("key"))))
            : $"the operator's own, long enough: {reference.Text("name")}/{reference.Text("key")}";
}
