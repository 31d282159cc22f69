using System.Buffers.Binary;
using System.Text;
using ModelGarden.EndToEnd.Tests.Gardens;
using ModelGarden.Testing;
using static ModelGarden.EndToEnd.Tests.Gardens.HubUploads;

namespace ModelGarden.EndToEnd.Tests.BadInput;

/// <summary>Files that are not what they should be, on the whole way from a commit to an endpoint.</summary>
public sealed class BadFileTests(BadInputGarden there) : IClassFixture<BadInputGarden>
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Theory]
    [InlineData("---\nlicense: [mit\n---\n# Half a list", "README.md line ")]
    [InlineData("---\n- a\n- list\n---\n", "README.md")]
    public async Task Card_Malformed_RefusesTheWholeCommit(string card, string words)
    {
        var name = await there.RepositoryAsync();
        var before = await there.StateAsync();

        using var answer = await there.Garden.CommitAsync(there.Engineer, name, SmallFile("kept-out.txt", [1]), SmallFile("README.md", Encoding.UTF8.GetBytes(card)));

        await answer.AssertAsync(400, "", words);
        Assert.Equal(before, await there.StateAsync());
        using var other = await there.SendAsync(there.Engineer, "GET", $"/{name}/resolve/main/kept-out.txt");
        await other.AssertAsync(404, "EntryNotFound", "kept-out.txt");
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("/etc/evil")]
    [InlineData("a/../../evil")]
    [InlineData("a\\..\\evil")]
    [InlineData(".git/config")]
    [InlineData("a//evil")]
    [InlineData("a\u0000evil")]
    public async Task Commit_PathThatLeavesTheRepository_IsRefused(string path)
    {
        var name = await there.RepositoryAsync();
        var before = await there.StateAsync();
        var large = await File.ReadAllBytesAsync(Repo.PathOf("deploy/samples/digits/digits.onnx"), Cancel);

        foreach (var operation in new[] { SmallFile(path, [1]), LargeFile(path, large) })
        {
            using var answer = await there.Garden.CommitAsync(there.Engineer, name, SmallFile("kept-out.txt", [1]), operation);
            await answer.AssertAsync(400, "", "line 3: ");
        }

        Assert.Equal(before, await there.StateAsync());
    }

    [Theory]
    [InlineData("../../../../etc/passwd")]
    [InlineData("%2e%2e%2f%2e%2e%2fetc%2fpasswd")]
    [InlineData("..%5C..%5Cetc%5Cpasswd")]
    [InlineData("a%01b")]
    public async Task Download_PathThatLeavesTheRepository_IsRefused(string path)
    {
        var name = await there.RepositoryAsync();

        using var answer = await there.SendAsync(there.Engineer, "GET", $"/{name}/resolve/main/{path}");

        await answer.AssertAsync(400, "", "");
    }

    [Fact]
    public async Task Safetensors_Truncated_IsFoundOutAndGoesNoFurther()
    {
        var whole = await File.ReadAllBytesAsync(Repo.PathOf("deploy/samples/digits/digits.safetensors"), Cancel);

        await GoesNoFurtherAsync("model.safetensors", whole[..^1000], "safetensors");
    }

    [Fact]
    public async Task Gguf_WithAnAbsurdHeader_IsFoundOutAndGoesNoFurther()
    {
        var header = new byte[200];
        "GGUF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), 3);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), 1UL << 62);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(16), 1UL << 62);

        await GoesNoFurtherAsync("model.gguf", header, "GGUF_COUNT");
    }

    [Fact]
    public async Task SignedUrl_Changed_IsRefusedAndNothingIsKept()
    {
        var name = await there.RepositoryAsync();
        byte[] content = [.. Guid.NewGuid().ToByteArray()];
        var url = (await there.Garden.PrepareAsync(there.Engineer, name, content)).ToString();
        var before = await there.StateAsync();
        using var client = new HttpClient();

        foreach (var forged in new[] { url.Replace("tenant=acme", "tenant=globex", StringComparison.Ordinal), url.Replace("expires=", "expires=9", StringComparison.Ordinal), url + "A", url[..url.IndexOf('?', StringComparison.Ordinal)] })
        {
            using var answer = await client.PutAsync(forged, new ByteArrayContent(content), Cancel);
            await answer.AssertAsync(403, "BAD_SIGNATURE", "the signature does not belong to this url");
        }

        using var other = await client.PutAsync(url, new ByteArrayContent(Guid.NewGuid().ToByteArray()), Cancel);
        await other.AssertAsync(400, "WRONG_BYTES", "nothing was kept");
        Assert.Equal(before, await there.StateAsync());
    }

    [Fact]
    public async Task SignedUrl_Expired_IsRefusedAndNothingIsKept()
    {
        await using var garden = new OneProcess(more: ("Garden__Artifacts__UploadLifetime", "00:00:01"));
        await garden.StartAsync();
        await garden.CallAsync(RunningGarden.AdminToken, "POST", "/garden/v1/repositories", new { name = "garden/late" });
        byte[] content = [1, 2, 3];
        var url = await garden.PrepareAsync(RunningGarden.AdminToken, "garden/late", content);
        using var client = new HttpClient();

        // Bytes of a wrong length are refused for that until the second is over.
        using var late = await there.UntilAsync(() => client.PutAsync(url, new ByteArrayContent([1]), Cancel), answer => (int)answer.StatusCode is 403);
        using var whole = await client.PutAsync(url, new ByteArrayContent(content), Cancel);

        await late.AssertAsync(403, "URL_EXPIRED", "the url has expired");
        await whole.AssertAsync(403, "URL_EXPIRED", "ask for a new one");
        Assert.NotNull(await garden.ActionsAsync(RunningGarden.AdminToken, "garden/late", content));
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(garden.Data, "artifacts"), "*", SearchOption.AllDirectories), file => file.Contains("objects", StringComparison.Ordinal));
    }

    /// <summary>Its owner may keep it and sees what it is; nobody else sees it, and no endpoint serves it.</summary>
    private async Task GoesNoFurtherAsync(string file, byte[] content, string fault)
    {
        var name = await there.RepositoryAsync();
        await there.Garden.UploadAsync(there.Engineer, name, content);
        using var commit = await there.Garden.CommitAsync(there.Engineer, name, LargeFile(file, content));
        var before = await there.StateAsync();

        var info = await there.Garden.CallAsync(there.Engineer, "GET", $"/api/models/{name}");
        using var submitted = await there.SendAsync(there.Engineer, "POST", $"/garden/v1/repositories/{name}/lifecycle", """{"action":"LIFECYCLE_ACTION_SUBMIT"}""");
        using var deployed = await there.SendAsync(there.Engineer, "POST", "/garden/v1/endpoints", $$"""{"name":"of-bad-file","repository":"{{name}}"}""");
        using var stranger = await there.SendAsync(there.Stranger, "GET", $"/{name}/resolve/main/{file}");

        Assert.Equal("suspicious", (string?)info["garden"]!["verdict"]);
        await submitted.AssertAsync(409, "CHECKS_FAILED", $"'{file}' was found suspicious: ");
        await deployed.AssertAsync(400, "NO_RUNTIME", fault);
        await stranger.AssertAsync(404, "RepoNotFound", name);
        Assert.Equal(before, await there.StateAsync());
    }
}
