using ModelGarden.Cli.Commands;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Cli.Transfers;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Cli.Tests.Garden;

public sealed class ValueTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("1h30m", 5400)]
    [InlineData("7d", 604_800)]
    public void Duration_AsTyped_IsRead(string text, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Durations.Create(text).Value);

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("15")]
    [InlineData("m")]
    [InlineData("-5m")]
    [InlineData("5m3h")]
    [InlineData("5m\n")]
    [InlineData("99999999999s")]
    public void Duration_OtherText_IsNone(string? text) => Assert.NotNull(Durations.Create(text).Error);

    [Theory]
    [InlineData("localhost:8080", "http://localhost:8080")]
    [InlineData("garden.example", "https://garden.example")]
    [InlineData("https://garden.example/sub/", "https://garden.example/sub")]
    [InlineData("HTTP://Garden.Example:80/", "http://garden.example")]
    public void Address_AsTyped_IsWrittenOneWay(string text, string address) => Assert.Equal(address, GardenAddress.Create(text).Value.ToString());

    [Theory]
    [InlineData("acme/Llama_3.1-8B", "llama-3-1-8b")]
    [InlineData("acme/x", "model-x")]
    public void EndpointName_AfterAModel_FollowsTheRule(string model, string name) =>
        Assert.Equal(name, EndpointName.After(RepositoryName.Create(model).Value).Value.Value);

    [Theory]
    [InlineData("*.bin", "a.bin", true)]
    [InlineData("*.bin", "deep/er/a.bin", true)]
    [InlineData("*.bin", "a.bin.txt", false)]
    [InlineData("onnx/*", "onnx/a", true)]
    [InlineData("onnx/*", "onnx/a/b", false)]
    [InlineData("**/a.json", "a.json", true)]
    [InlineData("x/**/a.json", "x/y/z/a.json", true)]
    [InlineData("?.txt", "a.txt", true)]
    [InlineData("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", false)]
    public void Glob_Pattern_Matches(string pattern, string path, bool matches) => Assert.Equal(matches, new GlobPattern(pattern).Matches(path));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1 kB")]
    [InlineData(999_999, "1 MB")]
    [InlineData(1_550_000, "1.6 MB")]
    [InlineData(123_456_789_000, "123 GB")]
    public void Size_InBytes_ReadsWell(long bytes, string text) => Assert.Equal(text, Plain.Size(bytes));

    [Fact]
    public void Binding_PathQueryAndBody_FollowTheAnnotation()
    {
        var tree = RestBinding.Of(Contracts.V1.Catalog.Descriptor.FindMethodByName("ListTree"), new ListTreeRequest { Name = "acme/a b", Revision = "refs/pr/1", Recursive = true, PageSize = 5 });
        var accept = RestBinding.Of(Contracts.V1.Entitlement.Descriptor.FindMethodByName("AcceptLicense"), new AcceptLicenseRequest { Id = "mit", Purpose = "x" });

        Assert.Equal((HttpMethod.Get, "garden/v1/repositories/acme/a%20b/tree?revision=refs%2Fpr%2F1&recursive=true&pageSize=5", null), (tree.Verb, tree.Path, tree.Body));
        Assert.Equal((HttpMethod.Post, "garden/v1/licenses/mit/acceptances"), (accept.Verb, accept.Path));
        Assert.Equal("x", (string?)System.Text.Json.Nodes.JsonNode.Parse(accept.Body!)!["purpose"]);
    }
}
