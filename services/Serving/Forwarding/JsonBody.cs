using System.Text.Json;

namespace ModelGarden.Serving.Forwarding;

/// <summary>Tells JSON from garbage without building a tree.</summary>
internal static class JsonBody
{
    /// <summary>One JSON object and nothing after it.</summary>
    public static bool IsObject(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            return reader.Read() && reader.TokenType is JsonTokenType.StartObject && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
