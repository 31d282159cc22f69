using System.Text.Json.Nodes;
using ModelGarden.Hosting;

namespace ModelGarden.Charts.Tests;

/// <summary>What reaches the garden, and what it reaches.</summary>
public sealed class NetworkTests(Tools tools)
{
    [Theory]
    [InlineData("default")]
    [InlineData("public")]
    [InlineData("large")]
    public async Task Policies_ByDefault_LetNothingThrough(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        var common = manifests.Find("NetworkPolicy", "garden-modelgarden");
        Assert.Equal("""["Ingress","Egress"]""", common["spec"]!["policyTypes"]!.ToJsonString());
        Assert.All(manifests.Deployments, pods => Assert.True(ClusterNetwork.Chooses(common.Map("spec", "podSelector", "matchLabels"), pods)));
        Assert.All(common.Each("spec", "ingress"), rule => Assert.All(rule.Each("from"), peer => IsThisRelease(peer, manifests)));
    }

    [Theory]
    [InlineData("default")]
    [InlineData("public")]
    [InlineData("large")]
    public async Task Policies_LetInFromOutside_ToTheGatewayOnly(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        var open = manifests.OfKind("NetworkPolicy").Where(policy => policy.Each("spec", "ingress").Any(rule => !rule.Each("from").Any(IsPodsOnly))).ToList();
        var chosen = manifests.Deployments.Where(pods => open.Any(policy => ClusterNetwork.Chooses(policy.Map("spec", "podSelector", "matchLabels"), pods)));
        Assert.Equal([ServiceNames.Gateway], chosen.SelectMany(Manifests.ContainersOf).Select(container => container.Text("name")));
    }

    [Theory]
    [InlineData("default")]
    [InlineData("public")]
    [InlineData("large")]
    public async Task Policies_LetServicesReachEachOther(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        var common = manifests.Find("NetworkPolicy", "garden-modelgarden");
        var listened = manifests.Containers.Values.SelectMany(container => container.Each("ports")).Select(port => port.Text("containerPort")).ToHashSet();
        Assert.Equal(listened, common.Each("spec", "ingress").Single().Each("ports").Select(port => port.Text("port")).ToHashSet());
        Assert.Equal(listened, common.Each("spec", "egress").First().Each("ports").Select(port => port.Text("port")).ToHashSet());
    }

    [Theory]
    [InlineData("default", "5432", null)]
    [InlineData("public", "6432", """[{"ipBlock":{"cidr":"10.1.2.0/24"}}]""")]
    public async Task Database_IsReached_ByThePodsOfThoseWhoHaveIt(string values, string port, string? to)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        var policy = manifests.Find("NetworkPolicy", "garden-modelgarden-database");
        var rule = policy.Each("spec", "egress").Single();
        Assert.Equal((port, to), (rule.Each("ports").Single().Text("port"), rule["to"]?.ToJsonString()));
        Assert.Equal(
            manifests.Deployments.Where(HasDatabase).Select(pods => pods.Text("metadata", "labels", "app.kubernetes.io/component")),
            policy.Each("spec", "podSelector", "matchExpressions").Single().Each("values").Select(value => value.ToString()));
    }

    [Fact]
    public async Task GatewayFrom_AndExtraEgress_AreHonoured()
    {
        var manifests = await ValuesSets.RenderAsync(tools, "public");

        Assert.Contains("ingress-nginx", manifests.Find("NetworkPolicy", "garden-modelgarden-gateway").ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(manifests.Find("NetworkPolicy", "garden-modelgarden").Each("spec", "egress"), rule => rule.ToJsonString().Contains("telemetry", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Policies_TurnedOff_AreGone() => Assert.Empty((await ValuesSets.RenderAsync(tools, "apart")).OfKind("NetworkPolicy"));

    [Fact]
    public async Task Services_ButTheGateway_StayInside()
    {
        var manifests = await ValuesSets.RenderAsync(tools, "public");

        Assert.All(manifests.OfKind("Service"), service => Assert.Equal(
            service.Text("metadata", "name") is "garden-modelgarden-gateway" ? "LoadBalancer" : "ClusterIP", service.Text("spec", "type")));
    }

    [Fact]
    public async Task Ingress_ByDefault_IsNone() => Assert.Empty((await Manifests.RenderAsync(tools)).OfKind("Ingress"));

    [Fact]
    public async Task Ingress_LeadsToTheGateway_ForLargeBodiesAndStreams()
    {
        var manifests = await ValuesSets.RenderAsync(tools, "public");

        var (http, grpc) = (manifests.Find("Ingress", "garden-modelgarden"), manifests.Find("Ingress", "garden-modelgarden-grpc"));
        Assert.Equal("models.example.com -> garden-modelgarden-gateway:http, models-tls for models.example.com", Describe(http));
        Assert.Equal("grpc.example.com -> garden-modelgarden-gateway:grpc, models-tls for grpc.example.com", Describe(grpc));
        Assert.All([http, grpc], ingress =>
        {
            var annotations = ingress.Map("metadata", "annotations");
            Assert.Equal(("0", "off", "off"), (annotations[Nginx("proxy-body-size")], annotations[Nginx("proxy-request-buffering")], annotations[Nginx("proxy-buffering")]));
        });
        Assert.Equal("GRPC", grpc.Map("metadata", "annotations")[Nginx("backend-protocol")]);
        Assert.DoesNotContain(Nginx("backend-protocol"), http.Map("metadata", "annotations").Keys);
    }

    private static string Nginx(string name) => $"nginx.ingress.kubernetes.io/{name}";

    private static string Describe(JsonObject ingress)
    {
        var (rule, tls) = (ingress.Each("spec", "rules").Single(), ingress.Each("spec", "tls").Single());
        var service = rule.Each("http", "paths").Single().At("backend", "service")!;
        return $"{rule.Text("host")} -> {service.Text("name")}:{service.Text("port", "name")}, {tls.Text("secretName")} for {tls.Each("hosts").Single()}";
    }

    private static void IsThisRelease(JsonNode peer, Manifests manifests)
    {
        Assert.True(IsPodsOnly(peer));
        Assert.All(manifests.Deployments, pods => Assert.True(ClusterNetwork.Chooses(peer.Map("podSelector", "matchLabels"), pods)));
    }

    // Without a namespace or an address a peer is in the garden's own namespace.
    private static bool IsPodsOnly(JsonNode peer) => peer.AsObject().Select(pair => pair.Key).SequenceEqual(["podSelector"]);

    private static bool HasDatabase(JsonObject deployment) =>
        Manifests.ContainersOf(deployment).SelectMany(container => container.Each("env")).Any(entry => entry.Text("name") is "Garden__Database");
}
