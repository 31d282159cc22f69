using System.Globalization;
using Microsoft.AspNetCore.Connections;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>PUT of files and parts, and the completion. Whoever has the URL may use it: the signature is the only check.</summary>
internal sealed class UploadEndpoints(UrlSigner signer, UploadSessions sessions, UploadReceiver receiver)
{
    public Task PutFileAsync(HttpContext context) => RunAsync(context, UrlUse.Upload, async session =>
    {
        if (session.Multipart)
        {
            return ArtifactsErrors.Multipart;
        }

        return LengthRefusal(context, session.Size) is { } refusal ? refusal
            : session.IsCompleted ? Sha256Digest.Create(session.Sha256)
            : await receiver.TakeFileAsync(session, context.Request.Body, context.RequestAborted);
    });

    public Task PutPartAsync(HttpContext context) => RunAsync(context, UrlUse.Part, async session =>
    {
        if (!session.Multipart)
        {
            return ArtifactsErrors.NotMultipart;
        }

        if (!int.TryParse(context.Request.RouteValues["number"] as string, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number < 1 || number > session.PartCount)
        {
            return ArtifactsErrors.NoSuchPart(number, session.PartCount);
        }

        if (session.IsCompleted)
        {
            return ArtifactsErrors.AlreadyComplete;
        }

        return LengthRefusal(context, session.LengthOfPart(number)) ?? await ReceivePartAsync(context, session, number);
    });

    public Task CompleteAsync(HttpContext context) => RunAsync(context, UrlUse.Complete, async session =>
    {
        var completion = await Completion.ReadAsync(context.Request.Body, context.RequestAborted);
        return completion.Error is { } error ? error : await receiver.CompleteAsync(session, completion.Value, context.RequestAborted);
    });

    private async Task<Result<Sha256Digest>> ReceivePartAsync(HttpContext context, UploadSession session, int number)
    {
        var etag = await receiver.TakePartAsync(session, number, context.Request.Body, context.RequestAborted);
        if (etag.Error is { } error)
        {
            return error;
        }

        return Sha256Digest.Create(etag.Value.Trim('"'));
    }

    /// <summary>Checks the URL, finds its session, and answers 200 with the digest of what was taken as ETag.</summary>
    private async Task RunAsync(HttpContext context, UrlUse use, Func<UploadSession, Task<Result<Sha256Digest>>> take)
    {
        context.UnboundRequest();
        try
        {
            signer.Check(use, context.Request).OrThrow();
            var session = (await sessions.FindAsync((string)context.Request.RouteValues["session"]!, context.RequestAborted)).OrThrow();
            context.Response.Headers.ETag = $"\"{(await take(session)).OrThrow()}\"";
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
    private static Error? LengthRefusal(HttpContext context, long expected) =>
        context.Request.ContentLength is { } length && length != expected ? ArtifactsErrors.WrongLength(expected, length) : null;
}
