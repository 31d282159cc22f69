using System.Net;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Artifacts.Conversion;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Conversion;

/// <summary>What becomes of uploaded torch checkpoints, on either database engine.</summary>
public abstract class ConversionContract
{
    private const int Checkpoint = 12;

    private protected abstract Task<ArtifactsGarden> StartAsync(params (string Key, string Value)[] settings);

    [Fact]
    public async Task Upload_CheckpointsOfTorch_AreConvertedAndTorchSaysTheyAreTheSame()
    {
        var folder = Directory.CreateTempSubdirectory("torch-").FullName;
        try
        {
            await Checkpoints.PythonAsync("make", folder, "service", $"{Checkpoint}");
            await using var garden = await StartAsync();
            foreach (var path in Directory.GetFiles(folder, "*.pt"))
            {
                var bytes = await File.ReadAllBytesAsync(path, Cancel);
                await garden.UploadAsync(bytes);
                var done = await AnnouncedAsync(garden, bytes);
                Assert.True(done.State is ConversionState.Done, $"{path}: {done}");
                var converted = await garden.Http.GetByteArrayAsync(await garden.SignAsync(done.Sha256, allowUnclean: false), Cancel);
                await File.WriteAllBytesAsync(Path.ChangeExtension(path, ".safetensors"), converted, Cancel);
            }

            Assert.StartsWith($"{Checkpoint} checkpoints, ", await Checkpoints.PythonAsync("compare", folder), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Conversion_Done_IsAFileOfTheSameTenantWithASignedStatement()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Checkpoints.Digits);
        await AnnouncedAsync(garden, Checkpoints.Digits);

        var conversion = await ConversionAsync(garden, Checkpoints.Digits);

        Assert.Equal((ConversionState.Done, ConversionPolicy.Beside), (conversion.State, conversion.Policy));
        var file = Assert.Single((await garden.As(People.Engineer()).GetFilesAsync(new() { Sha256 = { conversion.Sha256 } }, cancellationToken: Cancel)).Files);
        Assert.Equal((Verdict.Clean, "safetensors", conversion.Size), (file.Verdict, file.Facts.Format, file.Size));
        Assert.Empty((await garden.As(People.Engineer("globex")).GetFilesAsync(new() { Sha256 = { conversion.Sha256 } }, cancellationToken: Cancel)).Files);
        var bytes = await garden.Http.GetByteArrayAsync(await garden.SignAsync(conversion.Sha256), Cancel);
        Assert.Equal(conversion.Sha256, Sha256Digest.Of(bytes).Hex);

        var statement = Envelope.Open(conversion);
        Assert.Equal("https://in-toto.io/Statement/v1", (string)statement["_type"]!);
        Assert.Equal([conversion.Sha256, Sha256Digest.Of(Checkpoints.Digits).Hex], statement["subject"]!.AsArray().Select(subject => (string)subject!["digest"]!["sha256"]!));
        Assert.Equal((long)Checkpoints.Digits.Length, (long)statement["predicate"]!["source"]!["size"]!);
        Envelope.AssertDescribes(statement, bytes);
    }

    [Fact]
    public async Task Key_AfterARestart_IsTheSame()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Checkpoints.Digits);
        await AnnouncedAsync(garden, Checkpoints.Digits);
        var before = await ConversionAsync(garden, Checkpoints.Digits);

        await garden.RestartAsync();

        Assert.Equal(before, await ConversionAsync(garden, Checkpoints.Digits));
    }

    [Fact]
    public async Task Conversion_OfAFileThatTheTenantDoesNotHave_IsNotFound()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Checkpoints.Digits);
        await AnnouncedAsync(garden, Checkpoints.Digits);

        var refusal = await Assert.ThrowsAsync<RpcException>(() => ConversionAsync(garden, Checkpoints.Digits, "globex"));
        Assert.Equal((StatusCode.NotFound, "FILE_NOT_FOUND"), (refusal.StatusCode, refusal.Trailers.GetValue("garden-reason")));

        // Once it has sent the checkpoint it has both files.
        await garden.UploadAsync(Checkpoints.Digits, "globex");
        var target = (await ConversionAsync(garden, Checkpoints.Digits)).Sha256;
        Assert.Single((await garden.As(People.Engineer("globex")).GetFilesAsync(new() { Sha256 = { target } }, cancellationToken: Cancel)).Files);
        Assert.Equal(target, (await ConversionAsync(garden, Checkpoints.Digits, "globex")).Sha256);
    }

    [Fact]
    public async Task Checkpoint_ThatSafetensorsCannotHold_SaysWhy()
    {
        await using var garden = await StartAsync();
        var complex = Checkpoints.Of(Bytes(64), "ComplexDoubleStorage", 16);
        await garden.UploadAsync(complex);
        await AnnouncedAsync(garden, complex);

        var conversion = await ConversionAsync(garden, complex);

        Assert.Equal((ConversionState.Impossible, "TENSOR_NOT_PLAIN", ""), (conversion.State, conversion.Reason, conversion.Sha256));
        Assert.Contains("'w'", conversion.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherFiles_AndThoseThatAreNotClean_HaveNoConversion()
    {
        await using var garden = await StartAsync();
        byte[] evil = [0x80, 2, (byte)'c', .. "os\nsystem\n"u8, (byte)'U', 2, .. "ls"u8, 0x85, (byte)'R', (byte)'.'];
        await garden.UploadAsync(evil);
        await garden.UploadAsync("words"u8.ToArray());

        Assert.Equal(ConversionState.None, (await ConversionAsync(garden, evil)).State);
        Assert.Equal(ConversionState.None, (await ConversionAsync(garden, "words"u8.ToArray())).State);
    }

    [Fact]
    public async Task Policy_Off_ConvertsNothing()
    {
        await using var garden = await StartAsync(("Artifacts:Conversion", "Off"));
        await garden.UploadAsync(Checkpoints.Digits);

        var conversion = await ConversionAsync(garden, Checkpoints.Digits);

        Assert.Equal((ConversionState.None, ConversionPolicy.Off), (conversion.State, conversion.Policy));
        Assert.NotEmpty(await garden.SignAsync(Checkpoints.Digits, "digits.pth", allowUnclean: false));
    }

    [Fact]
    public async Task Policy_Instead_GivesTheOriginalToReviewersOnly()
    {
        await using var garden = await StartAsync(("Artifacts:Conversion", "Instead"));
        await garden.UploadAsync(Checkpoints.Digits);
        var done = await AnnouncedAsync(garden, Checkpoints.Digits);

        var refusal = await Assert.ThrowsAsync<RpcException>(() => garden.SignAsync(Checkpoints.Digits, "pytorch_model.bin", allowUnclean: false));
        Assert.Equal((StatusCode.PermissionDenied, "FILE_CONVERTED"), (refusal.StatusCode, refusal.Trailers.GetValue("garden-reason")));
        Assert.Contains("'model.safetensors'", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.NotEmpty(await garden.SignAsync(done.Sha256, allowUnclean: false));
        Assert.Equal(Checkpoints.Digits, await garden.Http.GetByteArrayAsync(await garden.SignAsync(Checkpoints.Digits, allowUnclean: true), Cancel));
    }

    [Theory]
    [InlineData(Verdict.Pending)]
    [InlineData(Verdict.Suspicious)]
    public async Task Policy_Instead_WhileTheConvertedFileIsNotClean_GivesTheOriginal(Verdict verdict)
    {
        await using var garden = await StartAsync(("Artifacts:Conversion", "Instead"));
        await garden.UploadAsync(Checkpoints.Digits);
        var target = (await AnnouncedAsync(garden, Checkpoints.Digits)).Sha256;
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        await context.Files.Where(file => file.Sha256 == target).ExecuteUpdateAsync(file => file.SetProperty(set => set.Verdict, verdict), Cancel);

        Assert.NotEmpty(await garden.SignAsync(Checkpoints.Digits, "digits.pth", allowUnclean: false));

        await context.Files.Where(file => file.Sha256 == target).ExecuteUpdateAsync(file => file.SetProperty(set => set.Verdict, Verdict.Clean), Cancel);
        await Assert.ThrowsAsync<RpcException>(() => garden.SignAsync(Checkpoints.Digits, "digits.pth", allowUnclean: false));
    }

    [Fact]
    public async Task ConvertedFile_IsHeldUntilTheCheckpointGoes()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Checkpoints.Digits);
        var target = (await AnnouncedAsync(garden, Checkpoints.Digits)).Sha256;
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        await context.TenantFiles.ExecuteDeleteAsync(Cancel);

        var held = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => context.Files.Where(file => file.Sha256 == target).ExecuteDeleteAsync(Cancel));
        Assert.Contains("FOREIGN KEY", held.Message, StringComparison.OrdinalIgnoreCase);
        await context.Files.Where(file => file.Sha256 != target).ExecuteDeleteAsync(Cancel);
        Assert.Equal(1, await context.Files.Where(file => file.Sha256 == target).ExecuteDeleteAsync(Cancel));
    }

    [Fact]
    public async Task Policy_Instead_HoldsForXetToo()
    {
        await using var garden = await StartAsync(("Artifacts:Conversion", "Instead"));
        await garden.UploadAsync(Checkpoints.Digits);
        await AnnouncedAsync(garden, Checkpoints.Digits);
        var sha256 = Sha256Digest.Of(Checkpoints.Digits).Hex;
        await garden.Garden.RestartAsync(new("catalog", builder => builder.Services.AddSingleton(new CommitOf(sha256)), app => app.MapGarden<CommitOf>(Catalog.Descriptor)));

        using var refused = await ReconstructAsync(garden, sha256, allowUnclean: false);
        using var allowed = await ReconstructAsync(garden, sha256, allowUnclean: true);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.OK), (refused.StatusCode, allowed.StatusCode));
        Assert.Contains("FILE_CONVERTED", $"{refused.Headers}{await refused.Content.ReadAsStringAsync(Cancel)}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conversion_BrokenOff_IsBegunAnewAtTheNextStart()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Checkpoints.Digits);
        var first = await AnnouncementAsync(garden, Checkpoints.Digits);
        await using (var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel))
        {
            await context.Conversions.ExecuteUpdateAsync(row => row.SetProperty(set => set.State, ConversionState.Converting).SetProperty(set => set.Target, (string?)null), Cancel);
        }

        await garden.RestartAsync();

        Assert.Equal(first.State, (await AnnouncementAsync(garden, Checkpoints.Digits, first.Sequence)).State);
        Assert.Equal(ConversionState.Done, (await ConversionAsync(garden, Checkpoints.Digits)).State);
    }

    [Fact]
    public async Task Conversion_EndsWhileAnotherTenantSendsTheCheckpoint_ThatTenantHasItsResultToo()
    {
        await using var garden = await StartAsync(("Artifacts:Conversion", "Off"));
        var (conversions, files) = (garden.Part<Conversions>(), garden.Part<StoredFiles>());
        for (var attempt = 0; attempt < 40; attempt++)
        {
            var source = await garden.UploadAsync(Encoding.UTF8.GetBytes($"checkpoint {attempt}"));
            var target = await garden.UploadAsync(Encoding.UTF8.GetBytes($"tensors {attempt}"));
            var waiting = await WaitAsync(garden, source.Sha256);
            var sent = new NewFile("globex", Sha256Digest.Create(source.Sha256).OrThrow(), source.Size, null);

            await Task.WhenAll(
                Task.Run(() => files.AddAsync(sent, null, Cancel), Cancel),
                Task.Run(() => conversions.FinishAsync(waiting, new(Sha256Digest.Create(target.Sha256).OrThrow(), target.Size, []), Cancel), Cancel)).InTimeAsync();

            Assert.Single((await garden.As(People.Engineer("globex")).GetFilesAsync(new() { Sha256 = { target.Sha256 } }, cancellationToken: Cancel)).Files);
        }
    }

    private static async Task<ConversionRow> WaitAsync(ArtifactsGarden garden, string source)
    {
        var row = new ConversionRow
        {
            Source = source, State = ConversionState.Waiting, Converter = "", Reason = "", Message = "", Size = 0, Statement = [], ChangedAt = DateTimeOffset.UnixEpoch,
        };
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        context.Add(row);
        await context.SaveChangesAsync(Cancel);
        return row;
    }

    private static async Task<HttpResponseMessage> ReconstructAsync(ArtifactsGarden garden, string sha256, bool allowUnclean)
    {
        var artifacts = garden.As(People.Service("hub"));
        var access = await artifacts.SignXetAccessAsync(new() { Tenant = "acme", Repository = "acme/digits", Commit = new('a', 40), AllowUnclean = allowUnclean }, cancellationToken: Cancel);
        var hash = (await artifacts.GetFilesAsync(new() { Sha256 = { sha256 } }, cancellationToken: Cancel)).XetHashes[sha256];
        return await garden.GetAsync($"{access.Path}/v1/reconstructions/{hash}", ("X-Garden-Xet-Token", access.Token));
    }

    private static async Task<GetConversionResponse> ConversionAsync(ArtifactsGarden garden, byte[] bytes, string tenant = "acme") =>
        await garden.As(People.Engineer(tenant)).GetConversionAsync(new() { Sha256 = Sha256Digest.Of(bytes).Hex }, cancellationToken: Cancel);

    /// <summary>What became of the conversion.</summary>
    internal static async Task<GetConversionResponse> AnnouncedAsync(ArtifactsGarden garden, byte[] bytes) => (await AnnouncementAsync(garden, bytes)).State.Unpack<GetConversionResponse>();

    /// <summary>Follows the feed from behind this change on until it says what became of the conversion.</summary>
    private static async Task<Change> AnnouncementAsync(ArtifactsGarden garden, byte[] bytes, long from = 0)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(Patience.Limit);
        var key = $"conversion/{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
        using var call = new ChangeFeed.ChangeFeedClient(garden.Garden.As(People.Service("catalog"), "artifacts")).Watch(new() { From = from }, cancellationToken: timeout.Token);
        while (await call.ResponseStream.MoveNext(timeout.Token))
        {
            if (call.ResponseStream.Current.Change is { } change && change.Key == key)
            {
                return change;
            }
        }

        throw new InvalidOperationException("the feed ended");
    }
}

/// <summary>Catalog with one file in every commit.</summary>
internal sealed class CommitOf(string sha256) : Catalog.CatalogBase
{
    public override Task<ListTreeResponse> ListTree(ListTreeRequest request, ServerCallContext context) =>
        Task.FromResult(new ListTreeResponse { Entries = { new TreeEntry { Path = "digits.pth", Sha256 = sha256 } } });
}

public sealed class SqliteConversionTests : ConversionContract
{
    private protected override Task<ArtifactsGarden> StartAsync(params (string Key, string Value)[] settings) => ArtifactsGarden.StartAsync(settings: settings);
}

public sealed class PostgresConversionTests : ConversionContract, IAsyncDisposable
{
    private TestDatabase? _database;

    private protected override async Task<ArtifactsGarden> StartAsync(params (string Key, string Value)[] settings) =>
        await ArtifactsGarden.StartAsync(_database = await TestDatabase.CreateAsync(), settings: settings);

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
