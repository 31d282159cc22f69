using Microsoft.AspNetCore.Connections;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>What every request of an upload passes: its URL is ours and good for this, its session is known. Whoever has the URL may use it.</summary>
internal sealed class UploadGate(UrlSigner signer, UploadSessions sessions)
{
    public async Task RunAsync(HttpContext context, UrlUse use, Func<UploadSession, Task> serve)
    {
        context.UnboundRequest();
        try
        {
            signer.Check(use, context.Request).OrThrow();
            await serve((await sessions.FindAsync((string)context.Request.RouteValues["session"]!, context.RequestAborted)).OrThrow());
        }
        catch (IOException exception) when (DiskFull.Is(exception))
        {
            throw new ErrorException(ArtifactsErrors.StorageFull, exception);
        }
        catch (ConnectionResetException)
        {
            context.Abort();
        }
    }

    /// <summary>Known before any byte of the body has come.</summary>
    public static Error? LengthRefusal(HttpContext context, long expected) =>
        context.Request.ContentLength is { } length && length != expected ? ArtifactsErrors.WrongLength(expected, length) : null;
}
