using System.Globalization;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>PUT of files and parts, and the completion.</summary>
internal sealed class UploadEndpoints(UploadGate gate, UploadReceiver receiver, Completions completions)
{
    public Task PutFileAsync(HttpContext context) => RunAsync(context, UrlUse.Upload, async session =>
    {
        if (session.Multipart)
        {
            return ArtifactsErrors.Multipart;
        }

        if (UploadGate.LengthRefusal(context, session.Size) is { } refusal)
        {
            return refusal;
        }

        // One that has come and was collected since is taken once more.
        return session.IsCompleted && await completions.OutcomeAsync(session, context.RequestAborted) is { Error: null } stored
            ? stored
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
            return (await completions.OutcomeAsync(session, context.RequestAborted)).Error ?? ArtifactsErrors.AlreadyComplete;
        }

        return UploadGate.LengthRefusal(context, session.LengthOfPart(number)) ?? await receiver.TakePartAsync(session, number, context.Request.Body, context.RequestAborted);
    });

    public Task CompleteAsync(HttpContext context) => RunAsync(context, UrlUse.Complete, async session =>
    {
        var completion = await Completion.ReadAsync(context.Request.Body, context.RequestAborted);
        return completion.Error is { } error ? error : await completions.RunAsync(session, completion.Value, context.RequestAborted);
    });

    /// <summary>Answers 200 with the digest of what was taken as ETag.</summary>
    private Task RunAsync(HttpContext context, UrlUse use, Func<UploadSession, Task<Result<Sha256Digest>>> take) => gate.RunAsync(
        context, use, async session => context.Response.Headers.ETag = $"\"{(await take(session)).OrThrow()}\"");
}
