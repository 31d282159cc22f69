using ModelGarden.Hosting;

namespace ModelGarden.Charts.Tests;

/// <summary>What each service is told, read by the code that reads it.</summary>
public sealed class EnvironmentTests(Tools tools)
{
    [Theory]
    [MemberData(nameof(ValuesSets.Names), MemberType = typeof(ValuesSets))]
    public async Task Containers_AreTheServices(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        Assert.Equal(ServiceNames.All.Order(StringComparer.Ordinal), manifests.Containers.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(ValuesSets.Names), MemberType = typeof(ValuesSets))]
    public async Task Environment_OfEachService_IsWhatItsHostAsksFor(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        Assert.All(manifests.Containers, pair =>
        {
            var options = ServiceEnvironment.Bind(pair.Key, ServiceEnvironment.Of(pair.Value, manifests));
            Assert.Equal(ServiceNames.All.Order(StringComparer.Ordinal), options.Services.Keys.Order(StringComparer.Ordinal));
            Assert.All(options.Services.Values, endpoints => Assert.True(endpoints is { Grpc.Length: > 0, Http.Length: > 0 }));
            Assert.Contains(pair.Value.Each("volumeMounts"), mount => mount.Text("mountPath") == options.Data);
        });
    }

    [Theory]
    [MemberData(nameof(ValuesSets.Names), MemberType = typeof(ValuesSets))]
    public async Task Addresses_LeadToPortsThatTheServiceListensOn(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);
        var network = new ClusterNetwork(manifests);
        var options = manifests.Containers.ToDictionary(pair => pair.Key, pair => ServiceEnvironment.Bind(pair.Key, ServiceEnvironment.Of(pair.Value, manifests)));

        Assert.All(options, caller => Assert.All(caller.Value.Services, peer =>
        {
            Assert.Equal((peer.Key, PortOf(options[peer.Key].Listen.Grpc)), network.Reach(caller.Key, peer.Value.Grpc));
            Assert.Equal((peer.Key, PortOf(options[peer.Key].Listen.Http)), network.Reach(caller.Key, peer.Value.Http));
        }));
    }

    [Theory]
    [MemberData(nameof(ValuesSets.Names), MemberType = typeof(ValuesSets))]
    public async Task Listen_OfEachService_IsReachedFromOtherPods(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        Assert.All(manifests.Containers, pair =>
        {
            var listen = ServiceEnvironment.Bind(pair.Key, ServiceEnvironment.Of(pair.Value, manifests)).Listen;
            Assert.All([listen.Grpc, listen.Http], address => Assert.Equal("0.0.0.0", new Uri(address).Host));
            Assert.Equal([PortOf(listen.Http), PortOf(listen.Grpc)], pair.Value.Each("ports").Select(port => (int)port["containerPort"]!.AsValue().GetValue<long>()));
        });
    }

    [Theory]
    [MemberData(nameof(ValuesSets.Names), MemberType = typeof(ValuesSets))]
    public async Task Probes_AskForHealthOnTheHttpPort(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        Assert.All(manifests.Containers, pair =>
        {
            var port = PortOf(ServiceEnvironment.Bind(pair.Key, ServiceEnvironment.Of(pair.Value, manifests)).Listen.Http).ToString(null, null);
            Assert.All(
                [("startupProbe", "/healthz/live"), ("readinessProbe", "/healthz"), ("livenessProbe", "/healthz/live")],
                probe => Assert.Equal((probe.Item2, port), (pair.Value.Text(probe.Item1, "httpGet", "path"), pair.Value.Text(probe.Item1, "httpGet", "port"))));
        });
    }

    [Fact]
    public async Task AdminToken_IsGivenToIdentityOnly()
    {
        var manifests = await Manifests.RenderAsync(tools);

        Assert.Equal([ServiceNames.Identity], Given(manifests, "Garden__AdminToken"));
    }

    [Fact]
    public async Task Database_IsGivenToServicesWithAStore()
    {
        var manifests = await Manifests.RenderAsync(tools);

        Assert.Equal(
            [ServiceNames.Artifacts, ServiceNames.Catalog, ServiceNames.Deployment, ServiceNames.Entitlement, ServiceNames.Identity, ServiceNames.Serving],
            Given(manifests, "Garden__Database"));
    }

    [Theory]
    [InlineData("default", "")]
    [InlineData("public", "https://models.example.com")]
    public async Task PublicUrl_IsTheOneSet(string values, string expected)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        Assert.All(manifests.Containers.Values, container => Assert.Equal(expected, ServiceEnvironment.Of(container, manifests)["Garden__PublicUrl"]));
    }

    [Theory]
    [InlineData("", "http://garden.example.com")]
    [InlineData("garden-tls", "https://garden.example.com")]
    public async Task PublicUrl_NotSet_IsTheIngress(string tls, string expected)
    {
        var manifests = await Manifests.RenderAsync(tools, "--set", $"ingress.enabled=true,ingress.tls.secretName={tls}");

        Assert.Equal(expected, ServiceEnvironment.Of(manifests.Containers["hub"], manifests)["Garden__PublicUrl"]);
    }

    [Fact]
    public async Task Env_OfAService_ComesBeforeThatOfAll()
    {
        var manifests = await Manifests.RenderAsync(tools, "--set", "env.A=all,env.B=all,services.hub.env.A=own");

        var environment = ServiceEnvironment.Of(manifests.Containers["hub"], manifests);
        Assert.Equal(("own", "all"), (environment["A"], environment["B"]));
        Assert.Equal("all", ServiceEnvironment.Of(manifests.Containers["catalog"], manifests)["A"]);
    }

    private static IEnumerable<string> Given(Manifests manifests, string variable) => manifests.Containers
        .Where(pair => pair.Value.Each("env").Any(entry => entry.Text("name") == variable)).Select(pair => pair.Key).Order(StringComparer.Ordinal);

    private static int PortOf(string address) => new Uri(address).Port;
}
