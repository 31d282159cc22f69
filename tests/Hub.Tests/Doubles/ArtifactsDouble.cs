using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>Artifacts in memory: addresses that carry a key of their own, parts of 1 MiB, ranges.</summary>
public sealed class ArtifactsDouble(CatalogStore store) : Artifacts.ArtifactsBase
{
    public const int PartSize = 1 << 20;

    /// <summary>When every Xet token expires.</summary>
    public const long TokenExpires = 1_800_000_000;

    /// <summary>Larger files are refused.</summary>
    public const long LargestFile = 1L << 40;

    /// <summary>Larger files are beyond their tenant's quota.</summary>
    public const long Quota = 1L << 39;

    public override Task<PrepareUploadResponse> PrepareUpload(PrepareUploadRequest request, ServerCallContext context)
    {
        if (request.Size > LargestFile)
        {
            throw new ErrorException(Error.Exhausted("FILE_TOO_LARGE", $"{request.Size} bytes are more than a file may have"));
        }

        if (request.Size > Quota)
        {
            throw new ErrorException(Error.Exhausted("QUOTA_LOGICAL", $"acme may keep {Quota} bytes of files and has 0: there is no room for {request.Size} more"));
        }

        if (store.SizeOfUpload(request.Sha256) is not null)
        {
            return Task.FromResult(new PrepareUploadResponse { Stored = true });
        }

        var answer = new PrepareUploadResponse();
        if (request.Multipart && request.Size > PartSize)
        {
            var parts = (request.Size + PartSize - 1) / PartSize;
            answer.PartSize = PartSize;
            answer.CompletionUrl = $"/garden/v1/files/{request.Sha256}/complete?sig=up";
            answer.PartUrls.AddRange(Enumerable.Range(1, (int)parts).Select(part => string.Create(CultureInfo.InvariantCulture, $"/garden/v1/files/{request.Sha256}/parts/{part}?sig=up")));
        }
        else
        {
            answer.Url = $"/garden/v1/files/{request.Sha256}?sig=up";
        }

        return Task.FromResult(answer);
    }

    /// <summary>What this double says is the Xet hash of a file.</summary>
    public static string XetHashOf(string sha256) => Sha256Digest.Of(Encoding.ASCII.GetBytes(sha256)).Hex;

    public override Task<GetFilesResponse> GetFiles(GetFilesRequest request, ServerCallContext context)
    {
        var there = request.Sha256.Where(sha256 => store.SizeOfUpload(sha256) is not null).ToList();
        return Task.FromResult(new GetFilesResponse
        {
            Files = { there.Select(sha256 => new StoredFile { Sha256 = sha256, Size = store.SizeOfUpload(sha256)!.Value }) },
            XetHashes = { there.ToDictionary(sha256 => sha256, XetHashOf) },
        });
    }

    /// <summary>What was given to which tenant.</summary>
    public ConcurrentQueue<(string Tenant, string Sha256)> Held { get; } = [];

    public override Task<HoldFilesResponse> HoldFiles(HoldFilesRequest request, ServerCallContext context)
    {
        foreach (var sha256 in request.Sha256)
        {
            Held.Enqueue((request.Tenant, sha256));
        }

        return context.GetCaller().IsService ? Task.FromResult(new HoldFilesResponse()) : throw new InvalidOperationException("asked by somebody who is no service");
    }

    public override Task<GetConversionResponse> GetConversion(GetConversionRequest request, ServerCallContext context) => Task.FromResult(
        store.Converted.TryGetValue(request.Sha256, out var target)
            ? new GetConversionResponse { State = ConversionState.Done, Policy = ConversionPolicy.Beside, Sha256 = target, Size = store.SizeOfUpload(target)!.Value }
            : new GetConversionResponse { State = ConversionState.None, Policy = ConversionPolicy.Beside });

    /// <summary>The token says in plain words what was asked for.</summary>
    public override Task<SignXetAccessResponse> SignXetAccess(SignXetAccessRequest request, ServerCallContext context) => context.GetCaller().IsService
        ? Task.FromResult(new SignXetAccessResponse
        {
            Token = $"{request.Tenant} {request.Repository} {request.Commit} {(request.Write ? "write" : "read")} {(request.AllowUnclean ? "all" : "clean")}",
            ExpiresAt = Timestamp.FromDateTime(DateTime.UnixEpoch.AddSeconds(TokenExpires)),
            Path = "/garden/v1/xet",
        })
        : throw new InvalidOperationException("asked by somebody who is no service");

    public int LinksAsked { get; private set; }

    public override Task<SignDownloadResponse> SignDownload(SignDownloadRequest request, ServerCallContext context)
    {
        LinksAsked++;
        return Sign(request, context);
    }

    private Task<SignDownloadResponse> Sign(SignDownloadRequest request, ServerCallContext context) =>
        store.SizeOfUpload(request.Sha256) is null ? throw new ErrorException(Error.NotFound("FILE_NOT_FOUND", $"no file {request.Sha256}"))
        : store.Unclean.TryGetValue(request.Sha256, out var why) && !request.AllowUnclean ? throw new ErrorException(Error.Denied("FILE_NOT_CLEAN", why))
        : context.GetCaller().IsService ? Task.FromResult(new SignDownloadResponse { Url = $"/garden/v1/files/{request.Sha256}?sig=down", XetHash = XetHashOf(request.Sha256) })
        : throw new InvalidOperationException("asked by somebody who is no service");
}

/// <summary>The HTTP side of <see cref="ArtifactsDouble"/>.</summary>
public sealed class ArtifactsFiles(CatalogStore store)
{
    private readonly ConcurrentDictionary<(string Sha256, int Part), byte[]> _parts = new();

    public void Map(WebApplication app)
    {
        app.MapPut("/garden/v1/files/{sha256}", (HttpContext http, string sha256) => PutAsync(http, sha256));
        app.MapPut("/garden/v1/files/{sha256}/parts/{part:int}", (HttpContext http, string sha256, int part) => PutPartAsync(http, sha256, part));
        app.MapPost("/garden/v1/files/{sha256}/complete", (HttpContext http, string sha256) => CompleteAsync(http, sha256));
        app.MapGet("/garden/v1/files/{sha256}", Get);
    }

    private async Task PutAsync(HttpContext http, string sha256)
    {
        var bytes = await ReadAsync(http, "up");
        Assert.Equal(sha256, Sha256Digest.Of(bytes).Hex);
        store.Upload(sha256, bytes);
    }

    private async Task PutPartAsync(HttpContext http, string sha256, int part)
    {
        _parts[(sha256, part)] = await ReadAsync(http, "up");
        http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"part-{part}\"");
    }

    private async Task CompleteAsync(HttpContext http, string sha256)
    {
        var body = JsonNode.Parse(await ReadAsync(http, "up"))!;
        var parts = body["parts"]!.AsArray().Select(part => (int)part!["partNumber"]!).ToList();
        Assert.All(body["parts"]!.AsArray(), part => Assert.Equal($"\"part-{part!["partNumber"]}\"", (string?)part["etag"]));
        var bytes = parts.Order().SelectMany(part => _parts[(sha256, part)]).ToArray();
        Assert.Equal(sha256, Sha256Digest.Of(bytes).Hex);
        store.Upload(sha256, bytes);
    }

    private IResult Get(HttpContext http, string sha256) => http.Request.Query["sig"] == "down" && store.ContentOf(sha256) is { } content
        ? Results.Bytes(content, "application/octet-stream", enableRangeProcessing: true, entityTag: new($"\"{sha256}\""))
        : Results.StatusCode(StatusCodes.Status403Forbidden);

    private static async Task<byte[]> ReadAsync(HttpContext http, string signature)
    {
        Assert.Equal(signature, http.Request.Query["sig"]);
        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
        return buffer.ToArray();
    }
}
