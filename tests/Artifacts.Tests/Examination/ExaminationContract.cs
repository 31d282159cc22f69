using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Examination;

/// <summary>What is said of uploaded files, on either database engine.</summary>
public abstract class ExaminationContract
{
    private static readonly byte[] Safetensors = Sample("digits/digits.safetensors");

    private protected abstract Task<ArtifactsGarden> StartAsync();

    [Fact]
    public async Task Upload_RealFiles_VerdictsAndFacts()
    {
        await using var garden = await StartAsync();

        var safetensors = await garden.UploadAsync(Safetensors);
        var onnx = await garden.UploadAsync(Sample("digits/digits.onnx"));
        var torch = await garden.UploadAsync(Sample("../../tests/Samples/digits.pth"));
        var config = await garden.UploadAsync(Sample("kjv-llama/config.json"));
        var card = await garden.UploadAsync(Sample("kjv-llama/README.md"));

        Assert.Equal(("safetensors", Verdict.Clean), (safetensors.Facts.Format, safetensors.Verdict));
        Assert.True(safetensors.Facts.Parameters > 0);
        Assert.Equal(("onnx", Verdict.Clean), (onnx.Facts.Format, onnx.Verdict));
        Assert.True(onnx.Facts.Opset > 0);
        Assert.Equal(-1, onnx.Facts.Inputs[0].Shape[0]);
        Assert.Equal("float", onnx.Facts.Inputs[0].Type);
        Assert.Equal(("torch", Verdict.Clean, safetensors.Facts.Parameters), (torch.Facts.Format, torch.Verdict, torch.Facts.Parameters));
        Assert.Equal(("json", Verdict.Clean), (config.Facts.Format, config.Verdict));
        Assert.Equal(("text", Verdict.Clean), (card.Facts.Format, card.Verdict));
        Assert.All([safetensors, onnx, torch], file => Assert.Equal(garden.Part<Examiner>().Current, file.Examiner));
    }

    [Fact]
    public async Task Upload_TruncatedSafetensors_SuspiciousAndRefusedUnlessAllowed()
    {
        await using var garden = await StartAsync();
        var truncated = Safetensors[..^100];

        var file = await garden.UploadAsync(truncated);

        Assert.Equal(Verdict.Suspicious, file.Verdict);
        Assert.NotEmpty(file.Findings);
        var refusal = await Assert.ThrowsAsync<RpcException>(() => garden.SignAsync(truncated, allowUnclean: false));
        Assert.Equal((StatusCode.PermissionDenied, "FILE_NOT_CLEAN"), (refusal.StatusCode, refusal.Trailers.GetValue("garden-reason")));
        Assert.Contains("suspicious", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(truncated, await garden.Http.GetByteArrayAsync(await garden.SignAsync(truncated, allowUnclean: true), Cancel));
    }

    [Fact]
    public async Task Upload_SameBytesByAnotherTenant_OneVerdictAndWhatTheyAre()
    {
        await using var garden = await StartAsync();
        var bytes = "plain words"u8.ToArray();

        var first = await garden.UploadAsync(bytes, "acme");
        var second = await garden.UploadAsync(bytes, "globex");

        Assert.Equal((Verdict.Clean, "text"), (first.Verdict, first.Recognized));
        // Each is told of no time before it had the file.
        first.ExaminedAt = second.ExaminedAt;
        Assert.Equal(second, first);
    }

    [Fact]
    public async Task Upload_Pickle_IsWhatItIsWithoutAName()
    {
        await using var garden = await StartAsync();
        byte[] pickle = [0x80, 2, (byte)'c', .. "os\nsystem\n"u8, (byte)'U', 2, .. "ls"u8, 0x85, (byte)'R', (byte)'.'];

        var file = await garden.UploadAsync(pickle);

        Assert.Equal((Verdict.Malicious, "pickle"), (file.Verdict, file.Recognized));
    }

    [Fact]
    public async Task Start_WithFilesOfAnOlderExaminer_ExaminesThemAgainAndSaysSo()
    {
        await using var garden = await StartAsync();
        var file = await garden.UploadAsync(Safetensors);
        await SetAsync(garden, file, new() { Sha256 = file.Sha256, Size = file.Size, Verdict = Verdict.Pending, Examiner = "garden-formats/0" });

        await garden.RestartAsync();

        await AnnouncedAsync(garden, file.Sha256, announced => announced.Verdict is Verdict.Clean && announced.Examiner == garden.Part<Examiner>().Current);
        Assert.Equal(Verdict.Clean, Assert.Single(await garden.FilesAsync(People.Engineer(), Safetensors)).Verdict);
    }

    [Fact]
    public async Task Start_WithAFileThatIsGone_LeavesItPendingAndGoesOnWithOthers()
    {
        await using var garden = await StartAsync();
        var lost = await garden.UploadAsync(Bytes(10));
        var xorb = Assert.Single(garden.StoredPaths());
        var kept = await garden.UploadAsync(Safetensors);
        await SetAsync(garden, lost, new() { Sha256 = lost.Sha256, Size = lost.Size, Verdict = Verdict.Pending });
        await SetAsync(garden, kept, new() { Sha256 = kept.Sha256, Size = kept.Size, Verdict = Verdict.Pending });
        await garden.Part<IObjectStore>().DeleteAsync(ObjectKey.FromStored(xorb), Cancel);

        await garden.RestartAsync();

        await AnnouncedAsync(garden, kept.Sha256, announced => announced.Verdict is Verdict.Clean);
        Assert.Equal(Verdict.Pending, Assert.Single(await garden.FilesAsync(People.Engineer(), Bytes(10))).Verdict);
    }

    [Fact]
    public async Task Start_WithCleanFilesOfOlderRules_PendingUntilExaminedAgain()
    {
        await using var garden = await StartAsync();
        var lost = await garden.UploadAsync(Bytes(10));
        var bad = await garden.UploadAsync(Bytes(11));
        await SetAsync(garden, lost, new() { Sha256 = lost.Sha256, Size = lost.Size, Verdict = Verdict.Clean, Examiner = "garden-formats/1" });
        await SetAsync(garden, bad, new() { Sha256 = bad.Sha256, Size = bad.Size, Verdict = Verdict.Malicious, Examiner = "garden-formats/1" });
        // Nothing can be examined again, so what is said meanwhile stays to be seen.
        foreach (var xorb in garden.StoredPaths())
        {
            await garden.Part<IObjectStore>().DeleteAsync(ObjectKey.FromStored(xorb), Cancel);
        }

        await garden.RestartAsync();

        await AnnouncedAsync(garden, lost.Sha256, announced => announced is { Verdict: Verdict.Pending, Examiner: "garden-formats/1" });
        Assert.Equal(Verdict.Malicious, Assert.Single(await garden.FilesAsync(People.Engineer(), Bytes(11))).Verdict);
        var refusal = await Assert.ThrowsAsync<RpcException>(() => garden.SignAsync(Bytes(10), allowUnclean: false));
        Assert.Equal("FILE_NOT_CLEAN", refusal.Trailers.GetValue("garden-reason"));
    }

    private static byte[] Sample(string path) => File.ReadAllBytes(Repo.PathOf($"deploy/samples/{path}"));

    private static async Task SetAsync(ArtifactsGarden garden, StoredFile file, StoredFile to)
    {
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        var row = FileRow.From(to, DateTimeOffset.UnixEpoch);
        await context.Files.Where(found => found.Sha256 == file.Sha256).ExecuteUpdateAsync(
            found => found.SetProperty(set => set.Verdict, row.Verdict).SetProperty(set => set.Examiner, row.Examiner).SetProperty(set => set.Report, row.Report), Cancel);
        context.Announce($"file/{file.Sha256}", to);
        await context.SaveChangesAsync(Cancel);
    }

    /// <summary>Follows the feed until it says this of the file.</summary>
    internal static async Task<StoredFile> AnnouncedAsync(ArtifactsGarden garden, string sha256, Func<StoredFile, bool> isIt)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(TimeSpan.FromSeconds(30));
        using var call = new ChangeFeed.ChangeFeedClient(garden.Garden.As(People.Service("catalog"), "artifacts")).Watch(new(), cancellationToken: timeout.Token);
        while (await call.ResponseStream.MoveNext(timeout.Token))
        {
            if (call.ResponseStream.Current.Change is { } change && change.Key == $"file/{sha256}" && change.State.Unpack<StoredFile>() is var file && isIt(file))
            {
                return file;
            }
        }

        throw new InvalidOperationException("the feed ended");
    }
}

public sealed class SqliteExaminationTests : ExaminationContract
{
    private protected override Task<ArtifactsGarden> StartAsync() => ArtifactsGarden.StartAsync();
}

public sealed class PostgresExaminationTests : ExaminationContract, IAsyncDisposable
{
    private TestDatabase? _database;

    private protected override async Task<ArtifactsGarden> StartAsync() => await ArtifactsGarden.StartAsync(_database = await TestDatabase.CreateAsync());

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
