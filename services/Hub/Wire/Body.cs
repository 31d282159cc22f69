using System.Buffers;
using System.Text.Json;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Wire;

/// <summary>Reads whole bodies of bounded size.</summary>
internal static class Body
{
    /// <summary>In bytes; far beyond any body but a commit, which is read line by line.</summary>
    public const int MaximumSize = 4 << 20;

    private const int MaximumDepth = 16;
    private const int ReadSize = 16 << 10;

    /// <summary>The body as a JSON object; an absent body is an empty one.</summary>
    public static async Task<JsonFields> ReadJsonAsync(this HttpContext http)
    {
        var bytes = await http.ReadBytesAsync();
        try
        {
            using var document = JsonDocument.Parse(bytes.Length is 0 ? "{}"u8.ToArray() : bytes, new() { MaxDepth = MaximumDepth });
            return document.RootElement.ValueKind is JsonValueKind.Object
                ? new JsonFields(document.RootElement.Clone(), "")
                : throw new ErrorException(Error.Invalid("BAD_JSON", "the body is not a JSON object"));
        }
        catch (JsonException exception)
        {
            throw new ErrorException(Error.Invalid("BAD_JSON", $"the body is not JSON: {Text.Shorten(exception.Message, 200)}"));
        }
    }

    public static async Task<byte[]> ReadBytesAsync(this HttpContext http)
    {
        if (http.Request.ContentLength > MaximumSize)
        {
            throw TooLarge();
        }

        var buffer = new ArrayBufferWriter<byte>();
        while (await http.Request.Body.ReadAsync(buffer.GetMemory(ReadSize), http.RequestAborted) is var read and > 0)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > MaximumSize)
            {
                throw TooLarge();
            }
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static ErrorException TooLarge() =>
        new(Error.Exhausted("BODY_TOO_LARGE", $"the body is larger than {MaximumSize >> 20} MiB: send fewer things at once"));
}
