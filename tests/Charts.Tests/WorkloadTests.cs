using System.Text.Json.Nodes;
using ModelGarden.Hosting;

namespace ModelGarden.Charts.Tests;

/// <summary>How pods run: whose, where, under which rights, from which image.</summary>
public sealed class WorkloadTests(Tools tools)
{
    [Theory]
    [MemberData(nameof(ValuesSets.Names), MemberType = typeof(ValuesSets))]
    public async Task Selectors_ChooseOneDeploymentEach(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        Assert.All(manifests.OfKind("Service"), service => Assert.Single(manifests.Deployments, pods => ClusterNetwork.Chooses(service.Map("spec", "selector"), pods)));
        Assert.All(
            manifests.Deployments.Concat(manifests.OfKind("PodDisruptionBudget")),
            owner => Assert.Single(manifests.Deployments, pods => ClusterNetwork.Chooses(owner.Map("spec", "selector", "matchLabels"), pods)));
    }

    [Theory]
    [MemberData(nameof(ValuesSets.Names), MemberType = typeof(ValuesSets))]
    public async Task Pods_RunWithoutRights(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        var pods = manifests.Deployments.Select(deployment => deployment.At("spec", "template", "spec")!).Append(manifests.OfKind("Pod").Single()["spec"]!).ToList();
        Assert.All(pods, pod =>
        {
            Assert.Equal("false", pod.Text("automountServiceAccountToken"));
            Assert.Equal("true", pod.Text("securityContext", "runAsNonRoot"));
            Assert.NotEqual("0", pod.Text("securityContext", "runAsUser"));
            Assert.Equal("RuntimeDefault", pod.Text("securityContext", "seccompProfile", "type"));
            Assert.All(pod.Each("containers"), RunsWithoutRights);
        });
    }

    [Theory]
    [MemberData(nameof(ValuesSets.Names), MemberType = typeof(ValuesSets))]
    public async Task Volumes_AreThoseMounted(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        Assert.All(manifests.Deployments, deployment => Assert.Equal(
            Manifests.ContainersOf(deployment).SelectMany(container => container.Each("volumeMounts")).Select(mount => mount.Text("name")).Order(StringComparer.Ordinal),
            deployment.Each("spec", "template", "spec", "volumes").Select(volume => volume.Text("name")).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(ValuesSets.Names), MemberType = typeof(ValuesSets))]
    public async Task SeveralReplicas_HaveABudgetAndKeepApart(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        var several = manifests.Deployments.Where(deployment => deployment.Text("spec", "replicas") is not "1").ToList();
        Assert.Equal(several.Select(NameOf), manifests.OfKind("PodDisruptionBudget").Select(NameOf));
        Assert.All(several, deployment => Assert.Equal(2, deployment.Each("spec", "template", "spec", "topologySpreadConstraints").Count()));
    }

    [Fact]
    public async Task Replicas_ByDefault_AreSeveralOnlyWhereNothingIsKept()
    {
        var manifests = await Manifests.RenderAsync(tools);

        Assert.Equal(["garden-modelgarden-gateway", "garden-modelgarden-hub"], manifests.Deployments.Where(deployment => deployment.Text("spec", "replicas") is not "1").Select(NameOf));
    }

    [Fact]
    public async Task Termination_LeavesTimeToFinish()
    {
        var manifests = await Manifests.RenderAsync(tools);

        Assert.All(manifests.Deployments, deployment => Assert.Equal("40", deployment.Text("spec", "template", "spec", "terminationGracePeriodSeconds")));
    }

    [Theory]
    [InlineData("default", "artifacts", "Recreate")]
    [InlineData("default", "deployment", "Recreate")]
    [InlineData("default", "catalog", "RollingUpdate")]
    [InlineData("large", "artifacts", "RollingUpdate")]
    public async Task Strategy_IsRecreate_WhereTwoAtOnceDoHarm(string values, string service, string expected)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        Assert.Equal(expected, manifests.Find("Deployment", $"garden-modelgarden-{service}").Text("spec", "strategy", "type"));
    }

    [Theory]
    [InlineData("default", "garden-modelgarden-artifacts", "ReadWriteOnce 200Gi")]
    [InlineData("large", "garden-modelgarden-artifacts", "ReadWriteMany 10Ti nfs")]
    [InlineData("apart", "weights", null)]
    public async Task Storage_OfArtifacts_IsAClaimThatStays(string values, string claim, string? made)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        var used = manifests.Deployments.SelectMany(deployment => deployment.Each("spec", "template", "spec", "volumes")).Where(volume => volume["emptyDir"] is null);
        Assert.Equal(["artifacts-data " + claim], used.Select(volume => $"{volume.Text("name")} {volume.Text("persistentVolumeClaim", "claimName")}"));
        Assert.Equal(made is null ? [] : [made], manifests.OfKind("PersistentVolumeClaim").Select(Describe));
        Assert.All(manifests.OfKind("PersistentVolumeClaim"), made => Assert.Equal("keep", made.Text("metadata", "annotations", "helm.sh/resource-policy")));
    }

    [Fact]
    public async Task Engines_AndWhoCallsThem_ShareAPod()
    {
        var manifests = await Manifests.RenderAsync(tools);

        var pod = manifests.Find("Deployment", "garden-modelgarden-deployment");
        Assert.Equal([ServiceNames.Deployment, ServiceNames.Serving], Manifests.ContainersOf(pod).Select(container => container.Text("name")));
    }

    [Theory]
    [InlineData("", "catalog", "modelgarden/catalog:0.1.0")]
    [InlineData("image.tag=9", "catalog", "modelgarden/catalog:9")]
    [InlineData("image.registry=r.example.com:5000/ml,image.repository=garden", "serving", "r.example.com:5000/ml/garden/serving:0.1.0")]
    [InlineData("image.registry=r.example.com,services.hub.image.registry=other.example.com,services.hub.image.tag=3", "hub", "other.example.com/modelgarden/hub:3")]
    [InlineData("services.deployment.image.repository=own/engines", "deployment", "own/engines:0.1.0")]
    [InlineData(
        "image.tag=9,services.hub.image.digest=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "hub",
        "modelgarden/hub@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public async Task Image_IsTheOneSet(string set, string service, string expected)
    {
        var manifests = await Manifests.RenderAsync(tools, "--set-string", set);

        Assert.Equal(expected, manifests.Containers[service].Text("image"));
    }

    [Fact]
    public async Task Image_PullSettings_AreHonoured()
    {
        var manifests = await Manifests.RenderAsync(tools, "--set", "image.pullPolicy=Always,services.hub.image.pullPolicy=Never,image.pullSecrets={one,two},test.image=r.example.com/wget:1");

        Assert.Equal(("Always", "Never"), (manifests.Containers["catalog"].Text("imagePullPolicy"), manifests.Containers["hub"].Text("imagePullPolicy")));
        Assert.All(manifests.Deployments, deployment => Assert.Equal(["one", "two"], deployment.Each("spec", "template", "spec", "imagePullSecrets").Select(secret => secret.Text("name"))));
        Assert.Equal("r.example.com/wget:1", manifests.OfKind("Pod").Single().Each("spec", "containers").Single().Text("image"));
    }

    [Fact]
    public async Task Placement_OfAService_ComesBeforeThatOfAll()
    {
        var manifests = await ValuesSets.RenderAsync(tools, "large");

        Assert.Equal("large", manifests.Find("Deployment", "garden-modelgarden-deployment").Text("spec", "template", "spec", "nodeSelector", "pool"));
        Assert.Equal("models", manifests.Find("Deployment", "garden-modelgarden-hub").Text("spec", "template", "spec", "nodeSelector", "pool"));
        Assert.All(manifests.Deployments, deployment => Assert.Single(deployment.Each("spec", "template", "spec", "tolerations")));
    }

    private static void RunsWithoutRights(JsonNode container)
    {
        Assert.Equal("false", container.Text("securityContext", "allowPrivilegeEscalation"));
        Assert.Equal("true", container.Text("securityContext", "readOnlyRootFilesystem"));
        Assert.Equal("""["ALL"]""", container.At("securityContext", "capabilities", "drop")!.ToJsonString());
        Assert.Null(container.At("securityContext", "privileged"));
        Assert.NotNull(container.At("resources", "limits", "memory"));
    }

    private static string NameOf(JsonObject manifest) => manifest.Text("metadata", "name");

    private static string Describe(JsonObject claim) =>
        $"{claim.Each("spec", "accessModes").Single()} {claim.Text("spec", "resources", "requests", "storage")} {claim.At("spec", "storageClassName")}".Trim();
}
