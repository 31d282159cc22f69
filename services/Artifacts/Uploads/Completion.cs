using System.Text.Json;
using System.Text.Json.Serialization;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>What a client sends when all parts have been sent: which file, and the ETag that it got for each part, in any order.</summary>
internal sealed record Completion(string? Oid, IReadOnlyList<Completion.Part>? Parts)
{
    private const int MaximumLength = 1 << 20;

    public sealed record Part(int PartNumber, string? Etag);

    public static async Task<Result<Completion>> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaximumLength + 1];
        var read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            return read <= MaximumLength && JsonSerializer.Deserialize(buffer.AsSpan(0, read), UploadJson.Default.Completion) is { Parts: not null } completion
                && completion.Parts.All(part => part is { Etag: not null })
                ? completion
                : ArtifactsErrors.BadCompletion;
        }
        catch (JsonException)
        {
            return ArtifactsErrors.BadCompletion;
        }
    }

    /// <summary>Why this does not complete a session for which these parts have come; null: it does.</summary>
    public Error? RefusalFor(UploadSession session, IReadOnlyList<UploadPart> sent)
    {
        var listed = new Dictionary<int, string>();
        foreach (var part in Parts!)
        {
            if (!listed.TryAdd(part.PartNumber, part.Etag!))
            {
                return ArtifactsErrors.PartTwice(part.PartNumber);
            }

            if (part.PartNumber < 1 || part.PartNumber > session.PartCount)
            {
                return ArtifactsErrors.NoSuchPart(part.PartNumber, session.PartCount);
            }
        }

        var etags = sent.ToDictionary(part => part.Number, part => part.Etag);
        return Enumerable.Range(1, session.PartCount).Select(number => Refusal(number, listed, etags)).FirstOrDefault(refusal => refusal is not null);
    }

    private static Error? Refusal(int number, Dictionary<int, string> listed, Dictionary<int, string> sent)
    {
        if (!sent.TryGetValue(number, out var etag))
        {
            return ArtifactsErrors.PartMissing(number, "has not come");
        }

        if (!listed.TryGetValue(number, out var claimed))
        {
            return ArtifactsErrors.PartMissing(number, "is not listed");
        }

        return claimed.Trim('"') == etag.Trim('"') ? null : ArtifactsErrors.PartChanged(number);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web), JsonSerializable(typeof(Completion))]
internal sealed partial class UploadJson : JsonSerializerContext;
