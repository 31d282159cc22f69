using System.Net;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Uploads;

/// <summary>Uploads in parts.</summary>
public abstract partial class UploadContract
{
    [Fact]
    public async Task Multipart_PartsInAnyOrder_IsStoredAndServed()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes((2 * PartSize) + 17);
        var upload = await garden.PrepareAsync(bytes, multipart: true);
        Assert.Equal((3, PartSize, ""), (upload.PartUrls.Count, upload.PartSize, upload.Url));
        var etags = new Dictionary<int, string>();
        foreach (var number in new[] { 3, 1, 2 })
        {
            etags[number] = await garden.PutPartAsync(upload, bytes, number);
        }

        using var completed = await garden.CompleteAsync(upload, bytes, [.. etags.Select(part => (part.Key, part.Value))]);
        using var again = await garden.CompleteAsync(upload, bytes, [.. etags.Select(part => (part.Key, part.Value))]);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (completed.StatusCode, again.StatusCode));
        Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes), Cancel));
        Assert.Single(garden.StoredPaths());
        await RefusedAsync(HttpStatusCode.Conflict, "ALREADY_COMPLETE", await garden.PutAsync(upload.PartUrls[2], bytes.AsMemory(2 * PartSize)));
    }

    [Fact]
    public async Task Multipart_ResumedAfterRestart_NeedsOnlyTheMissingParts()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(2 * PartSize);
        var upload = await garden.PrepareAsync(bytes, multipart: true);
        var first = await garden.PutPartAsync(upload, bytes, 1);

        await garden.RestartAsync();
        var resumed = await garden.PrepareAsync(bytes, multipart: true);
        var second = await garden.PutPartAsync(resumed, bytes, 2);

        using var completed = await garden.CompleteAsync(resumed, bytes, (1, first), (2, second));
        Assert.Equal(HttpStatusCode.OK, completed.StatusCode);
    }

    [Fact]
    public async Task Multipart_BadCompletions_EachRefusedByItsReason()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(2 * PartSize);
        var upload = await garden.PrepareAsync(bytes, multipart: true);
        var first = await garden.PutPartAsync(upload, bytes, 1);

        await RefusedAsync(HttpStatusCode.BadRequest, "PART_MISSING", await garden.CompleteAsync(upload, bytes, (1, first), (2, first)));
        var second = await garden.PutPartAsync(upload, bytes, 2);
        await RefusedAsync(HttpStatusCode.BadRequest, "PART_MISSING", await garden.CompleteAsync(upload, bytes, (1, first)));
        await RefusedAsync(HttpStatusCode.BadRequest, "PART_CHANGED", await garden.CompleteAsync(upload, bytes, (1, second), (2, first)));
        await RefusedAsync(HttpStatusCode.BadRequest, "PART_TWICE", await garden.CompleteAsync(upload, bytes, (1, first), (1, first)));
        await RefusedAsync(HttpStatusCode.BadRequest, "NO_SUCH_PART", await garden.CompleteAsync(upload, bytes, (1, first), (2, second), (3, first)));
        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_OID", await garden.CompleteAsync(upload, Bytes(3), (1, first), (2, second)));
        foreach (var body in new[] { "", "[]", "{}", """{"oid":"x","parts":[null]}""", """{"oid":"x","parts":[{"partNumber":1}]}""", new string('[', 2_000_000) })
        {
            await RefusedAsync(HttpStatusCode.BadRequest, "BAD_COMPLETION", await garden.Http.PostAsync(upload.CompletionUrl, new StringContent(body), Cancel));
        }

        using var completed = await garden.CompleteAsync(upload, bytes, (2, second.Trim('"')), (1, first));
        Assert.Equal(HttpStatusCode.OK, completed.StatusCode);
    }

    [Fact]
    public async Task Multipart_PartsThatAreNotTheFile_RefusedAndNothingKept()
    {
        await using var garden = await StartAsync();
        var (bytes, other) = (Bytes(2 * PartSize), Bytes(2 * PartSize, seed: 2));
        var upload = await garden.PrepareAsync(bytes, multipart: true);
        var first = await garden.PutPartAsync(upload, bytes, 1);
        var wrong = await garden.PutPartAsync(upload, other, 2);

        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_BYTES", await garden.CompleteAsync(upload, bytes, (1, first), (2, wrong)));

        Assert.Empty(garden.StoredPaths());
        first = await garden.PutPartAsync(upload, bytes, 1);
        await garden.PutPartAsync(upload, other, 2);
        var second = await garden.PutPartAsync(upload, bytes, 2);
        using var completed = await garden.CompleteAsync(upload, bytes, (1, first), (2, second));
        Assert.Equal(HttpStatusCode.OK, completed.StatusCode);
        Assert.Single(garden.StoredPaths());
    }

    [Fact]
    public async Task Multipart_PartOfOtherLength_Refused()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes((2 * PartSize) - 1);
        var upload = await garden.PrepareAsync(bytes, multipart: true);

        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_LENGTH", await garden.PutAsync(upload.PartUrls[0], bytes.AsMemory(0, PartSize - 1)));
        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_LENGTH", await garden.PutAsync(upload.PartUrls[1], bytes.AsMemory(0, PartSize)));

        Assert.Empty(garden.StoredPaths());
    }
}
