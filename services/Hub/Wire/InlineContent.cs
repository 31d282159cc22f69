using Google.Protobuf;

namespace ModelGarden.Hub.Wire;

/// <summary>A file's content within JSON.</summary>
internal static class InlineContent
{
    /// <summary>The content of an object with <c>content</c> and <c>encoding</c> (<c>base64</c> unless <c>utf-8</c> is said).</summary>
    public static ByteString Of(JsonFields file)
    {
        if (!file.Has("content"))
        {
            throw file.Bad("content", "is missing");
        }

        return file.OptionalText("encoding") switch
        {
            null or "base64" => UnsafeByteOperations.UnsafeWrap(file.OptionalBase64("content")),
            "utf-8" => ByteString.CopyFromUtf8(file.OptionalText("content")!),
            _ => throw file.Bad("encoding", "is neither base64 nor utf-8"),
        };
    }
}
