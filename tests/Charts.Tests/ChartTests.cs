using System.Text.Json;

namespace ModelGarden.Charts.Tests;

/// <summary>The chart as a whole: clean, in the shapes of Kubernetes' API, and clear about mistakes.</summary>
public sealed class ChartTests(Tools tools)
{
    [Fact]
    public async Task Lint_Strict_IsClean()
    {
        var ended = await tools.HelmAsync("lint", "--strict", Tools.Chart);

        Assert.True(ended.ExitCode is 0, ended.Output + ended.Errors);
    }

    [Fact]
    public async Task Manifests_AreInTheShapesOfTheApi()
    {
        // All at once: the compiler takes seconds to start.
        var manifests = await Task.WhenAll(ValuesSets.Names.Select(row => ValuesSets.RenderAsync(tools, row.Data)));

        var ended = await tools.ScriptAsync("shapes.mjs", JsonSerializer.Serialize(manifests.SelectMany(set => set.All)));

        Assert.True(ended.ExitCode is 0, ended.Output + ended.Errors);
    }

    [Fact]
    public async Task Shapes_WithMistakes_AreRefused()
    {
        var ended = await tools.ScriptAsync("shapes.mjs", """
            [
              {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"selector":{},"template":{"spec":{"containers":[{"name":"a","imagePulPolicy":"Always"}]}}}},
              {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"b"},"spec":{"selector":{},"replicas":"three","template":{}}},
              {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"c"},"spec":{"template":{}}},
              {"apiVersion":"policy/v0","kind":"PodDisruptionBudget","metadata":{"name":"d"}}
            ]
            """);

        Assert.Equal(1, ended.ExitCode);
        Assert.All(
            ["'\"imagePulPolicy\"' does not exist", "Deployment/b: data/spec/replicas must be integer", "Deployment/c: data/spec must have required property selector", "there is no PodDisruptionBudget in policy/v0"],
            fault => Assert.Contains(fault, ended.Output, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(ValuesSets.Names), MemberType = typeof(ValuesSets))]
    public async Task Names_OfAKind_AreGivenOnce(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        var names = manifests.All.Select(manifest => $"{manifest.Text("kind")}/{manifest.Text("metadata", "name")}").ToList();
        Assert.Equal(names.Distinct(), names);
    }

    [Theory]
    [InlineData("garden", "garden-modelgarden-hub")]
    [InlineData("modelgarden", "modelgarden-hub")]
    [InlineData("a-release-name-of-fifty-three-characters-the-longest-", "a-release-name-of-fifty-three-characters-the-lon-hub")]
    public async Task Names_BeginWithTheRelease(string release, string expected)
    {
        var ended = await tools.HelmAsync("template", release.TrimEnd('-'), Tools.Chart);

        var names = Manifests.Parse(ended.Output).OfKind("Service").Select(service => service.Text("metadata", "name")).ToList();
        Assert.Contains(expected, names);
        Assert.All(names, name => Assert.InRange(name.Length, 1, 63));
    }

    [Theory]
    [InlineData("services.catalog.replicas=two", "at '/services/catalog/replicas': got string, want integer")]
    [InlineData("services.catalog.replicas=0", "at '/services/catalog/replicas': minimum: got 0, want 1")]
    [InlineData("services.catlog.replicas=2", "at '/services': additional properties 'catlog' not allowed")]
    [InlineData("services.catalog.replcas=2", "at '/services/catalog': additional properties 'replcas' not allowed")]
    [InlineData("services.search=null", "at '/services': missing property 'search'")]
    [InlineData("services.hub.env.A=1", "at '/services/hub/env/A': got number, want string")]
    [InlineData("services.hub.resources.limits.memory=lots", "at '/services/hub/resources/limits/memory': 'lots' does not match pattern")]
    [InlineData("services.hub.ports.http=80", "at '/services/hub/ports/http': minimum: got 80, want 1,024")]
    [InlineData("services.hub.scratch=null", "at '/services/hub': 'anyOf' failed")]
    [InlineData("services.artifacts.storage.accessMode=ReadOnlyMany", "at '/services/artifacts/storage/accessMode': value must be one of")]
    [InlineData("services.serving.runsIn=engines", "at '/services/serving/runsIn': value must be one of")]
    [InlineData("image.registry=https://r.example.com", "at '/image/registry': 'https://r.example.com' does not match pattern")]
    [InlineData("publicUrl=garden.example.com", "at '/publicUrl': 'garden.example.com' does not match pattern")]
    [InlineData("database.existingSecret=", "at '/database/existingSecret': '' does not match pattern")]
    [InlineData("gatewayService.type=Loadbalancer", "at '/gatewayService/type': value must be one of")]
    [InlineData("services.deployment.replicas=2", "services.deployment.replicas is 2: this service runs once")]
    [InlineData(
        "services.search.replicas=2,services.search.storage.accessMode=ReadWriteMany,services.search.storage.size=1Gi,services.search.storage.existingClaim=index,services.search.storage.storageClass=",
        "services.search.replicas is 2: one pod at a time can have its storage open")]
    [InlineData("services.artifacts.replicas=2", "set services.artifacts.storage.accessMode to ReadWriteMany")]
    [InlineData("services.serving.replicas=2", "services.serving.replicas is 2: it runs in the pod of deployment")]
    [InlineData("services.serving.ports.http=8080", "services.serving.ports.http is 8080, a port of deployment in the same pod: give it another")]
    [InlineData("services.hub.runsIn=serving", "services.hub.runsIn is serving: name a service that has a pod of its own")]
    [InlineData("services.hub.ports.http=8081", "services.hub.ports are both 8081")]
    [InlineData("gatewayService.grpcPort=80", "gatewayService.httpPort and gatewayService.grpcPort are both 80")]
    [InlineData("ingress.enabled=true,ingress.grpcHost=garden.example.com", "ingress.host and ingress.grpcHost are both garden.example.com")]
    [InlineData("env.Garden__AdminToken=hf_garden_secret", "env.Garden__AdminToken: the chart sets this one itself")]
    [InlineData("services.hub.secretEnv.Garden__Database.secret=a,services.hub.secretEnv.Garden__Database.key=b", "services.hub.secretEnv.Garden__Database: the chart sets this one itself")]
    [InlineData("env.A=x,services.hub.secretEnv.A.secret=a,services.hub.secretEnv.A.key=b", "services.hub.secretEnv.A: it is in env too; give it once")]
    [InlineData("services.hub.secretEnv.A=password", "at '/services/hub/secretEnv/A': got string, want object")]
    [InlineData("services.hub.env.GARDEN__DATA=x", "services.hub.env.GARDEN__DATA: the chart sets this one itself")]
    public async Task Values_WithAMistake_AreRefusedByName(string set, string expected)
    {
        var ended = await tools.HelmAsync("template", "garden", Tools.Chart, "--set", set);

        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains(expected, ended.Errors, StringComparison.Ordinal);
    }
}
