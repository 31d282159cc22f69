using System.Text.Json.Nodes;

namespace ModelGarden.Charts.Tests;

/// <summary>Finds what an address leads to, as a cluster would: by the Service's name, its selector and its ports; or in the caller's own pod.</summary>
internal sealed class ClusterNetwork(Manifests manifests)
{
    /// <summary>The container that listens on the port that this address leads to, and the port.</summary>
    public (string Service, int Port) Reach(string caller, string address)
    {
        var uri = new Uri(address);
        if (uri.Host is "127.0.0.1")
        {
            var own = manifests.Deployments.Single(deployment => Manifests.ContainersOf(deployment).Any(container => container.Text("name") == caller));
            return (Listener(own, uri.Port), uri.Port);
        }

        var service = manifests.Find("Service", uri.Host);
        var port = service.Each("spec", "ports").Single(port => Number(port, "port") == uri.Port);
        var pods = manifests.Deployments.Single(deployment => Chooses(service.Map("spec", "selector"), deployment));
        return (Listener(pods, Number(port, "targetPort")), Number(port, "targetPort"));
    }

    public static bool Chooses(IReadOnlyDictionary<string, string> selector, JsonObject deployment)
    {
        var labels = deployment.Map("spec", "template", "metadata", "labels");
        return selector.All(pair => labels.GetValueOrDefault(pair.Key) == pair.Value);
    }

    private static string Listener(JsonObject deployment, int port) =>
        Manifests.ContainersOf(deployment).Single(container => container.Each("ports").Any(open => Number(open, "containerPort") == port)).Text("name");

    private static int Number(JsonNode node, string name) => (int)node[name]!.AsValue().GetValue<long>();
}
