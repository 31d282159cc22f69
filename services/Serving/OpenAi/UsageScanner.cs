using System.Text.Json;

namespace ModelGarden.Serving.OpenAi;

/// <summary>Usage as an OpenAI answer or chunk states it.</summary>
internal readonly record struct Usage(long InputTokens, long OutputTokens);

/// <summary>What one JSON object of an answer says, and where its usage stands in the bytes.</summary>
/// <param name="Usage">Null: it says none.</param>
/// <param name="Start">Where the property begins, in bytes.</param>
/// <param name="End">Where its value ends.</param>
/// <param name="HasChoices">There is at least one choice.</param>
internal readonly record struct Scanned(Usage? Usage, int Start, int End, bool HasChoices)
{
    private static readonly byte[] Comma = ","u8.ToArray();

    /// <summary>The object without its usage, a comma with it.</summary>
    public byte[] Without(ReadOnlySpan<byte> json)
    {
        var (start, end) = (Start, End);
        var before = json[..start].LastIndexOfAnyExcept(" \t\r\n"u8);
        if (before >= 0 && json[before] == Comma[0])
        {
            start = before;
        }
        else if (json[end..].IndexOfAnyExcept(" \t\r\n"u8) is var after && after >= 0 && json[end + after] == Comma[0])
        {
            end += after + 1;
        }

        return [.. json[..start], .. json[end..]];
    }
}

/// <summary>Reads usage out of OpenAI's JSON without building a tree.</summary>
internal static class UsageScanner
{
    /// <summary>Null when the bytes are not one JSON object.</summary>
    public static Scanned? Scan(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() && reader.TokenType is JsonTokenType.StartObject ? ScanObject(ref reader) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Scanned ScanObject(ref Utf8JsonReader reader)
    {
        var found = new Scanned(null, 0, 0, false);
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                found = found with { Usage = reader.TokenType is JsonTokenType.StartObject ? ReadUsage(ref reader) : null, Start = start, End = (int)reader.BytesConsumed };
            }
            else if (reader.ValueTextEquals("choices"u8))
            {
                reader.Read();
                found = found with { HasChoices = HasItems(ref reader) };
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return found;
    }

    private static bool HasItems(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            reader.Skip();
            return false;
        }

        var any = false;
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            any = true;
            reader.Skip();
        }

        return any;
    }

    private static Usage ReadUsage(ref Utf8JsonReader reader)
    {
        long input = 0, output = 0;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var (isInput, isOutput) = (reader.ValueTextEquals("prompt_tokens"u8), reader.ValueTextEquals("completion_tokens"u8));
            reader.Read();
            if ((isInput || isOutput) && reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out var tokens))
            {
                (input, output) = isInput ? (tokens, output) : (input, tokens);
            }
            else
            {
                reader.Skip();
            }
        }

        return new(input, output);
    }
}
