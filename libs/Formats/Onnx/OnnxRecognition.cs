namespace ModelGarden.Formats.Onnx;

/// <summary>Tells an ONNX model by its first bytes. Protobuf has no magic number, so the first fields must be ones that a model begins with.</summary>
internal static class OnnxRecognition
{
    private const int MaximumName = 128;

    /// <summary>True when the bytes begin with an IR version and go on with fields of a model.</summary>
    public static bool Matches(ReadOnlySpan<byte> head)
    {
        if (head is not [0x08, > 0 and < 0x80, ..])
        {
            return false;
        }

        var rest = head[2..];
        while (rest is [0x12 or 0x1A or 0x22, < MaximumName and var length, ..])
        {
            // Producer, its version and the domain are printable; a TensorFlow SavedModel, which begins alike, has a message here.
            if (rest.Length < 2 + length || rest.Slice(2, length).ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            {
                return false;
            }

            rest = rest[(2 + length)..];
        }

        // Then the model's version, its graph, its operator sets, or a doc text.
        return rest is [0x28 or 0x32 or 0x3A or 0x42, ..] && head[1] < 64;
    }
}
