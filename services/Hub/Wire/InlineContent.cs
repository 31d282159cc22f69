using Google.Protobuf;

namespace ModelGarden.Hub.Wire;

/// <summary>A file's content within JSON.</summary>
internal static class InlineContent
{
    /// <summary>The content of an object with <c>content</c> and <c>encoding</c> (<c>base64</c> unless <c>utf-8</c> is said).</summary>
    public static ByteString Of(JsonFields file)
    {
        var encoding = file.OptionalText("encoding") ?? "base64";
        var content = file.Find("content") ?? throw file.Bad("content", "is missing");
        if (content.ValueKind is not System.Text.Json.JsonValueKind.String)
        {
            throw file.Bad("content", "is not a string");
        }

        return encoding switch
        {
            "base64" when content.TryGetBytesFromBase64(out var bytes) => UnsafeByteOperations.UnsafeWrap(bytes),
            "base64" => throw file.Bad("content", "is not base64"),
            "utf-8" => ByteString.CopyFromUtf8(file.OptionalText("content")!),
            _ => throw file.Bad("encoding", "is neither base64 nor utf-8"),
        };
    }
}
