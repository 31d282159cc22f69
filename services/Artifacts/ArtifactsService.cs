using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Artifacts.Cas;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Collection;
using ModelGarden.Artifacts.Conversion;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Integrity;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using Contract = ModelGarden.Contracts.V1.Artifacts;

namespace ModelGarden.Artifacts;

/// <summary>The gRPC side: what is there, and URLs by which bytes come and go.</summary>
internal sealed class ArtifactsService(
    UploadSessions sessions, StoredFiles files, FileLayouts layouts, UrlSigner signer, DownloadGate gate, XetTokens tokens, Conversions conversions, StatementKeyring keyring, Collector collector, IntegrityReport integrity,
    StorageQuotas quotas, TensorReader tensors, TimeProvider clock) : Contract.ArtifactsBase
{
    private const int MaximumFiles = 1000;
    private const int MaximumTensors = 1000;
    private const int MaximumName = 1024;
    private const int DefaultLifetime = 900;
    private const int LongestLifetime = 86_400;

    public override async Task<PrepareUploadResponse> PrepareUpload(PrepareUploadRequest request, ServerCallContext context)
    {
        var digest = Sha256Digest.Create(request.Sha256).OrThrow();
        var sender = Sender.Of(context.GetCaller()).OrThrow();
        var prepared = (await sessions.PrepareAsync(sender, digest, request.Size, request.Multipart || request.Resumable, context.CancellationToken)).OrThrow();
        return prepared.Session is { } session ? Describe(session, request.Resumable) : new() { Stored = true };
    }

    public override async Task<GetFilesResponse> GetFiles(GetFilesRequest request, ServerCallContext context)
    {
        if (request.Sha256.Count > MaximumFiles)
        {
            throw new ErrorException(ArtifactsErrors.TooManyFiles(request.Sha256.Count, MaximumFiles));
        }

        var digests = request.Sha256.Select(text => Sha256Digest.Create(text).OrThrow().Hex).ToHashSet();
        var caller = context.GetCaller();
        var tenant = !caller.IsService ? caller.Principal.Tenant : request.Tenant.Length > 0 ? TenantName.Create(request.Tenant).OrThrow().Value : null;
        digests = caller.IsBound ? await sessions.SentAsync(Sender.Of(caller).OrThrow(), digests, context.CancellationToken) : digests;
        var found = await files.ListAsync(digests, tenant, context.CancellationToken);
        var hashes = await layouts.HashesOfAsync([.. found.Select(file => file.Sha256)], context.CancellationToken);
        return new() { Files = { found }, XetHashes = { hashes.ToDictionary() } };
    }

    public override async Task<HoldFilesResponse> HoldFiles(HoldFilesRequest request, ServerCallContext context)
    {
        if (request.Sha256.Count > MaximumFiles)
        {
            throw new ErrorException(ArtifactsErrors.TooManyFiles(request.Sha256.Count, MaximumFiles));
        }

        var tenant = TenantName.Create(request.Tenant).OrThrow().Value.ToLowerInvariant();
        foreach (var digest in request.Sha256.Select(text => Sha256Digest.Create(text).OrThrow()).Distinct().ToList())
        {
            if (await GiveAsync(tenant, digest, context.CancellationToken) is { } refusal)
            {
                throw new ErrorException(refusal);
            }
        }

        return new();
    }

    /// <summary>Gives a file to a tenant that did not send it, as far as it may be downloaded by those who review nothing; null: the tenant has it.</summary>
    private async Task<Error?> GiveAsync(string tenant, Sha256Digest digest, CancellationToken cancellationToken)
    {
        if (await files.IsHeldAsync(tenant, digest, cancellationToken))
        {
            return null;
        }

        var file = await files.FindAsync(digest, cancellationToken);
        return file is null ? ArtifactsErrors.FileNotFound(digest)
            : await gate.RefusalAsync(file, "", cancellationToken) ?? await files.AddAsync(new(tenant, digest, file.Size, null), null, cancellationToken);
    }

    public override async Task<SignDownloadResponse> SignDownload(SignDownloadRequest request, ServerCallContext context)
    {
        var digest = Sha256Digest.Create(request.Sha256).OrThrow();
        var name = FileName(request.FileName).OrThrow();
        var lifetime = Lifetime(request.LifetimeSeconds).OrThrow();
        var file = await files.FindAsync(digest, context.CancellationToken) ?? throw new ErrorException(ArtifactsErrors.FileNotFound(digest));
        if (!request.AllowUnclean && await gate.RefusalAsync(file, name, context.CancellationToken) is { } refusal)
        {
            throw new ErrorException(refusal);
        }

        var expiresAt = ExpiresAt(lifetime);
        var url = signer.Sign(new(UrlUse.Read, Routes.File(digest, request.AllowUnclean), request.Tenant, name, expiresAt));
        var hashes = await layouts.HashesOfAsync([digest.Hex], context.CancellationToken);
        return new() { Url = url, ExpiresAt = expiresAt.ToTimestamp(), XetHash = hashes.GetValueOrDefault(digest.Hex, "") };
    }

    public override async Task<ReadTensorsResponse> ReadTensors(ReadTensorsRequest request, ServerCallContext context)
    {
        if (request.Skip < 0 || request.Count is < 1 or > MaximumTensors)
        {
            throw new ErrorException(ArtifactsErrors.BadRange(request.Skip, request.Count, MaximumTensors));
        }

        return (await tensors.ReadAsync(Sha256Digest.Create(request.Sha256).OrThrow(), request.Skip, request.Count, context.CancellationToken)).OrThrow();
    }

    public override async Task<GetConversionResponse> GetConversion(GetConversionRequest request, ServerCallContext context)
    {
        var digest = Sha256Digest.Create(request.Sha256).OrThrow();
        var tenant = context.GetCaller() is { IsService: false } caller ? caller.Principal.Tenant.ToLowerInvariant() : null;
        if (!await (tenant is null ? files.ExistsAsync(digest.Hex, context.CancellationToken) : files.IsHeldAsync(tenant, digest, context.CancellationToken)))
        {
            throw new ErrorException(ArtifactsErrors.FileNotFound(digest));
        }

        var row = await conversions.FindAsync(digest, context.CancellationToken);
        if (tenant is not null && row is { State: ConversionState.Done })
        {
            await conversions.HoldAsync(tenant, row, context.CancellationToken);
        }

        return Describe(row);
    }

    public override Task<SignXetAccessResponse> SignXetAccess(SignXetAccessRequest request, ServerCallContext context)
    {
        var tenant = TenantName.Create(request.Tenant).OrThrow().Value.ToLowerInvariant();
        var repository = RepositoryName.Create(request.Repository).OrThrow().Value;
        var expiresAt = ExpiresAt(Lifetime(request.LifetimeSeconds).OrThrow());
        var token = tokens.Sign(new(tenant, repository, request.Commit, request.Write, request.AllowUnclean, expiresAt, request.Bound));
        return Task.FromResult(new SignXetAccessResponse { Token = token, ExpiresAt = expiresAt.ToTimestamp(), Path = Routes.Cas });
    }

    public override Task<CollectGarbageResponse> CollectGarbage(CollectGarbageRequest request, ServerCallContext context) => collector.CollectAsync(request.DryRun, context.CancellationToken);

    public override Task<GetIntegrityResponse> GetIntegrity(GetIntegrityRequest request, ServerCallContext context) => integrity.DescribeAsync(context.CancellationToken);

    public override async Task<StorageUsage> GetStorageUsage(GetStorageUsageRequest request, ServerCallContext context)
    {
        var caller = context.GetCaller();
        var tenant = TenantName.Create(request.Tenant).OrThrow().Value;
        return caller.IsOf(tenant) || caller.IsOperator || caller.IsService
            ? await DescribeAsync(tenant, context.CancellationToken)
            : throw new ErrorException(ArtifactsErrors.NotYourTenant(tenant));
    }

    public override async Task<StorageUsage> SetStorageQuota(SetStorageQuotaRequest request, ServerCallContext context)
    {
        var tenant = TenantName.Create(request.Tenant).OrThrow().Value;
        long? logicalBytes = request.HasLogicalBytes ? Quota(request.LogicalBytes).OrThrow() : null;
        long? storedBytes = request.HasStoredBytes ? Quota(request.StoredBytes).OrThrow() : null;
        await quotas.SetAsync(tenant.ToLowerInvariant(), logicalBytes, storedBytes, context.CancellationToken);
        return await DescribeAsync(tenant, context.CancellationToken);
    }

    private async Task<StorageUsage> DescribeAsync(string tenant, CancellationToken cancellationToken)
    {
        var (usage, limits, announced) = await quotas.DescribeAsync(tenant.ToLowerInvariant(), cancellationToken);
        return new()
        {
            Tenant = usage.Tenant,
            Files = usage.Files,
            LogicalBytes = usage.LogicalBytes,
            StoredBytes = usage.StoredBytes,
            UncountedBytes = usage.UncountedBytes,
            AnnouncedBytes = announced,
            LogicalLimit = limits.LogicalBytes,
            StoredLimit = limits.StoredBytes,
        };
    }

    private static Result<long> Quota(long bytes) => bytes < 0 ? ArtifactsErrors.BadQuota(bytes) : bytes;

    // Whole seconds, as URLs and tokens have it.
    private DateTimeOffset ExpiresAt(TimeSpan lifetime) => DateTimeOffset.FromUnixTimeSeconds((clock.GetUtcNow() + lifetime).ToUnixTimeSeconds());

    private static Result<string> FileName(string name) => name.Length > MaximumName || name.Any(char.IsControl) ? ArtifactsErrors.BadFileName(name) : name;

    private static Result<TimeSpan> Lifetime(int seconds) => seconds switch
    {
        0 => TimeSpan.FromSeconds(DefaultLifetime),
        < 0 or > LongestLifetime => ArtifactsErrors.BadLifetime(seconds),
        _ => TimeSpan.FromSeconds(seconds),
    };

    private GetConversionResponse Describe(ConversionRow? row) => row is null
        ? new() { State = ConversionState.None, Policy = conversions.Policy }
        : new()
        {
            State = row.State,
            Policy = conversions.Policy,
            Reason = row.Reason,
            Message = row.Message,
            Sha256 = row.Target ?? "",
            Size = row.Size,
            Statement = UnsafeByteOperations.UnsafeWrap(row.Statement),
            PublicKey = row.State is ConversionState.Done ? UnsafeByteOperations.UnsafeWrap(keyring.PublicKey) : ByteString.Empty,
        };

    private PrepareUploadResponse Describe(UploadSession session, bool resumable)
    {
        var response = new PrepareUploadResponse { ExpiresAt = session.ExpiresAt.ToTimestamp() };
        if (!session.Multipart)
        {
            response.Url = Sign(session, UrlUse.Upload, Routes.Upload(session.Id));
            return response;
        }

        response.PartSize = session.PartSize;
        if (resumable)
        {
            response.AppendUrl = Sign(session, UrlUse.Append, Routes.Upload(session.Id));
            return response;
        }

        response.PartUrls.AddRange(Enumerable.Range(1, session.PartCount).Select(number => Sign(session, UrlUse.Part, Routes.Part(session.Id, number))));
        response.CompletionUrl = Sign(session, UrlUse.Complete, Routes.Complete(session.Id));
        return response;
    }

    private string Sign(UploadSession session, UrlUse use, string path) => signer.Sign(new(use, path, session.Tenant, "", session.ExpiresAt));
}
