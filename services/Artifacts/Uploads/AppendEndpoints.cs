using System.Globalization;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>
/// A file part after part on one URL, in the words of draft-ietf-httpbis-resumable-upload: HEAD tells how far it is, PATCH appends the next part, verified against its
/// <c>Content-Digest</c> before it is acknowledged, and with the last one completes. The offset is what the parts of the upload add up to, whichever way they came.
/// </summary>
internal sealed class AppendEndpoints(UploadGate gate, UploadReceiver receiver, UploadParts parts, UploadSessions sessions, Completions completions, TimeProvider clock)
{
    // A minute, and as long as a line of 32 KiB/s takes.
    private const long SlowestLine = 32 << 10;

    public Task HeadAsync(HttpContext context) => gate.RunAsync(context, UrlUse.Append, async session =>
    {
        Tell(context.Response, session, await ProgressAsync(session, context.RequestAborted));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    });

    public Task PatchAsync(HttpContext context) => gate.RunAsync(context, UrlUse.Append, async session =>
    {
        var append = Append.Read(context.Request).OrThrow();
        var progress = await ProgressAsync(session, context.RequestAborted);
        if (!progress.IsComplete)
        {
            progress = await TakeAsync(context, session, append, progress);
        }

        await AnswerAsync(context, session, progress, complete: progress.IsComplete || (append.IsLast && progress.Offset == session.Size));
    });

    private async Task<Progress> TakeAsync(HttpContext context, UploadSession session, Append append, Progress progress)
    {
        if (append.Offset != progress.Offset)
        {
            throw Elsewhere(context, session, append, progress);
        }

        var length = progress.Offset == session.Size ? 0 : session.LengthOfPart(session.PartAt(progress.Offset));
        if (append.IsLast && progress.Offset + length < session.Size)
        {
            throw new ErrorException(ArtifactsErrors.NotTheEnd(session.Size - progress.Offset - length));
        }

        if (UploadGate.LengthRefusal(context, length) is { } refusal)
        {
            throw new ErrorException(refusal);
        }

        if (length is 0)
        {
            return await context.Request.Body.ReadAsync(new byte[1], context.RequestAborted) is 0 ? progress : throw new ErrorException(ArtifactsErrors.TooLong(0));
        }

        var digest = append.Digest ?? throw new ErrorException(ArtifactsErrors.DigestMissing);
        var limit = TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(length / SlowestLine);
        var taken = (await context.InTimeAsync(clock, limit, ArtifactsErrors.TooSlow(limit), cancel => receiver.TakeNextAsync(session, append.Offset, digest, context.Request.Body, cancel))).OrThrow();
        var current = (await sessions.FindAsync(session.Id, context.RequestAborted)).OrThrow();
        progress = await ProgressAsync(current, context.RequestAborted);
        return taken || progress.IsComplete ? progress : throw Elsewhere(context, session, append, progress);
    }

    private async Task AnswerAsync(HttpContext context, UploadSession session, Progress progress, bool complete)
    {
        if (!complete)
        {
            Tell(context.Response, session, progress);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var stored = progress.IsComplete
            ? Sha256Digest.Create(session.Sha256)
            : await completions.RunAsync(session, null, context.RequestAborted);
        if (stored.Error is { Reason: "WRONG_BYTES" })
        {
            // All of it has come, and sending it once more will not help.
            context.Response.Headers[Append.CompleteHeader] = "?1";
        }

        context.Response.Headers.ETag = $"\"{stored.OrThrow()}\"";
        Tell(context.Response, session, new(session.Size, true));
    }

    private async Task<Progress> ProgressAsync(UploadSession session, CancellationToken cancellationToken)
    {
        if (!session.IsCompleted)
        {
            return new(await parts.OffsetAsync(session, cancellationToken), false);
        }

        (await completions.OutcomeAsync(session, cancellationToken)).OrThrow();
        return new(session.Size, true);
    }

    private static ErrorException Elsewhere(HttpContext context, UploadSession session, Append append, Progress progress)
    {
        Tell(context.Response, session, progress);
        return new(ArtifactsErrors.OffsetMismatch(progress.Offset, append.Offset));
    }

    private static void Tell(HttpResponse response, UploadSession session, Progress progress)
    {
        response.Headers[Append.OffsetHeader] = progress.Offset.ToString(CultureInfo.InvariantCulture);
        response.Headers[Append.CompleteHeader] = progress.IsComplete ? "?1" : "?0";
        response.Headers["Upload-Length"] = session.Size.ToString(CultureInfo.InvariantCulture);
        response.Headers["Upload-Limit"] = string.Create(CultureInfo.InvariantCulture, $"min-append-size={session.PartSize}, max-append-size={session.PartSize}");
        response.Headers.CacheControl = "no-store";
    }

    /// <param name="Offset">How much has come.</param>
    /// <param name="IsComplete">The file is there.</param>
    private sealed record Progress(long Offset, bool IsComplete);
}
