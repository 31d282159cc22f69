namespace ModelGarden.Formats.TensorFlow;

/// <summary>Tells TensorFlow's graphs by their first bytes. Protobuf has no magic number, so the first fields must be ones that a graph begins with.</summary>
internal static class TensorFlowRecognition
{
    /// <summary>True for a SavedModel (schema version, then a graph with its description) and for a graph alone (a node: name, operator).</summary>
    public static bool Matches(ReadOnlySpan<byte> head) => head switch
    {
        [0x08, 0x01, 0x12, .. var rest] => Message(rest) is [0x0A or 0x12, ..],
        [0x0A, .. var rest] => IsNode(Message(rest)),
        _ => false,
    };

    private static bool IsNode(ReadOnlySpan<byte> node) =>
        node is [0x0A, > 0 and < 0x80 and var name, ..] && node.Length > name + 4 && IsPlain(node.Slice(2, name))
        && node[(2 + name)..] is [0x12, > 1 and < 0x40 and var operation, .. var rest] && rest.Length >= operation && IsPlain(rest[..operation]) && char.IsAsciiLetterUpper((char)rest[0]);

    private static bool IsPlain(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)'-', (byte)'z');

    // What follows a length that may take up to five bytes.
    private static ReadOnlySpan<byte> Message(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < Math.Min(5, bytes.Length); at++)
        {
            if (bytes[at] < 0x80)
            {
                return bytes[(at + 1)..];
            }
        }

        return [];
    }
}
