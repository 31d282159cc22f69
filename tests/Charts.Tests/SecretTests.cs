using System.Text;
using System.Text.Json.Nodes;

namespace ModelGarden.Charts.Tests;

/// <summary>Secrets are made once, kept, and read from Secrets alone.</summary>
public sealed class SecretTests(Tools tools)
{
    private static readonly string[] Secret =
    [
        "Garden__ServiceSecret", "Garden__AdminToken", "Garden__Database", "Garden__Artifacts__Store__S3__AccessKey", "Garden__Artifacts__Store__S3__SecretKey",
    ];

    [Theory]
    [MemberData(nameof(ValuesSets.Names), MemberType = typeof(ValuesSets))]
    public async Task Secrets_AreNoLiterals(string values)
    {
        var manifests = await ValuesSets.RenderAsync(tools, values);

        var made = manifests.OfKind("Secret").SelectMany(secret => secret.Map("data").Values).Select(Decode).ToList();
        Assert.All(manifests.Containers.Values.SelectMany(container => container.Each("env")), entry =>
        {
            Assert.Equal(Secret.Contains(entry.Text("name")), entry["value"] is null);
            Assert.DoesNotContain(entry["value"]?.ToString() ?? "", made);
        });
    }

    [Fact]
    public async Task Secret_OfANewGarden_IsLongAndRandom()
    {
        var first = Values(await Manifests.RenderAsync(tools));
        var second = Values(await Manifests.RenderAsync(tools));

        Assert.All(first, pair => Assert.NotEqual(pair.Value, second[pair.Key]));
        Assert.Equal(64, first["service-secret"].Length);
        Assert.Matches("^hf_garden_admin_[A-Za-z0-9]{40}$", first["admin-token"]);
    }

    [Fact]
    public async Task Secret_OfAGardenThatIsThere_IsKept()
    {
        await using var cluster = await ClusterDouble.StartAsync(new()
        {
            ["/api/v1/namespaces/models/secrets/garden-modelgarden-secrets"] = $$$"""
                {"apiVersion":"v1","kind":"Secret","metadata":{"name":"garden-modelgarden-secrets","namespace":"models"},
                 "data":{"service-secret":"{{{Encode("the secret of the first install")}}}"} }
                """,
        });

        var values = Values(await cluster.RenderAsync(tools));

        Assert.Equal("the secret of the first install", values["service-secret"]);
        Assert.StartsWith("hf_garden_admin_", values["admin-token"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secret_OfAnEmptyCluster_IsMade()
    {
        await using var cluster = await ClusterDouble.StartAsync([]);

        Assert.Equal(64, Values(await cluster.RenderAsync(tools))["service-secret"].Length);
    }

    [Fact]
    public async Task Secret_StaysWhenTheReleaseGoes()
    {
        var manifests = await Manifests.RenderAsync(tools);

        Assert.Equal("keep", manifests.OfKind("Secret").Single().Text("metadata", "annotations", "helm.sh/resource-policy"));
    }

    [Fact]
    public async Task Secret_OfTheOperator_IsUsedAndNoneMade()
    {
        var manifests = await ValuesSets.RenderAsync(tools, "large");

        Assert.Empty(manifests.OfKind("Secret"));
        Assert.Equal(("own", "service"), Reference(manifests.Containers["hub"], "Garden__ServiceSecret"));
        Assert.Equal(("own", "admin"), Reference(manifests.Containers["identity"], "Garden__AdminToken"));
        Assert.Equal(("postgres", "dsn"), Reference(manifests.Containers["catalog"], "Garden__Database"));
    }

    private static (string Name, string Key) Reference(JsonObject container, string variable)
    {
        var reference = container.Each("env").Single(entry => entry.Text("name") == variable).At("valueFrom", "secretKeyRef")!;
        return (reference.Text("name"), reference.Text("key"));
    }

    private static Dictionary<string, string> Values(Manifests manifests) => manifests.OfKind("Secret").Single().Map("data").ToDictionary(pair => pair.Key, pair => Decode(pair.Value));

    private static string Decode(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
