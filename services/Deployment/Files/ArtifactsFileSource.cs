using System.Net;
using System.Net.Http.Headers;
using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;
using ModelGarden.Kernel;

namespace ModelGarden.Deployment.Files;

/// <summary>Where the bytes of files come from.</summary>
internal interface IFileSource
{
    /// <summary>The file from this byte on, or from its beginning when the source cannot start there.</summary>
    Task<Result<FileBody>> OpenAsync(TargetFile file, string tenant, long start, CancellationToken cancellationToken);
}

/// <summary>Bytes on their way.</summary>
internal sealed class FileBody(HttpResponseMessage response, Stream stream, long start) : IDisposable
{
    /// <summary>A source that sends nothing for so long has broken off.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    public long Start { get; } = start;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Silence);
        try
        {
            return await stream.ReadAsync(buffer, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"no byte came for {Silence.TotalSeconds:0} seconds");
        }
    }

    public void Dispose()
    {
        stream.Dispose();
        response.Dispose();
    }
}

/// <summary>Artifacts: it signs a URL, and serves the bytes there.</summary>
internal sealed class ArtifactsFileSource(Peers peers) : IFileSource
{
    private const int Lifetime = 3600;

    public async Task<Result<FileBody>> OpenAsync(TargetFile file, string tenant, long start, CancellationToken cancellationToken)
    {
        var artifacts = new Artifacts.ArtifactsClient(peers.AsService(ServiceNames.Artifacts));
        var signed = await artifacts.SignDownloadAsync(
            new() { Sha256 = file.Sha256, Tenant = tenant, LifetimeSeconds = Lifetime }, cancellationToken: cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(signed.Url, UriKind.Relative));
        request.Headers.Range = start > 0 ? new RangeHeaderValue(start, null) : null;
        var response = await peers.Http(ServiceNames.Artifacts).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
        {
            using (response)
            {
                return Error.Unavailable("NO_BYTES", $"artifacts answered {(int)response.StatusCode} for the bytes of {file.Path}");
            }
        }

        var from = response.StatusCode is HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.From ?? 0 : 0;
        return new FileBody(response, await response.Content.ReadAsStreamAsync(cancellationToken), from);
    }
}
