using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>Puts files together from what a reconstruction says, as clients do and by other code than the service's own.</summary>
internal static class Reassembly
{
    /// <summary>The bytes of all terms, from the offset into the first one on. A client cuts the tail itself.</summary>
    public static async Task<byte[]> OfV2Async(JsonNode answer, Func<string, string, Task<HttpResponseMessage>> fetch)
    {
        var chunks = new Dictionary<(string Xorb, int Number), byte[]>();
        foreach (var (xorb, entries) in answer["xorbs"]!.AsObject())
        {
            foreach (var entry in entries!.AsArray())
            {
                var ranges = entry!["ranges"]!.AsArray();
                var asked = $"bytes={string.Join(',', ranges.Select(range => $"{range!["bytes"]!["start"]}-{range["bytes"]!["end"]}"))}";
                using var response = await fetch((string)entry["url"]!, asked);
                Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
                foreach (var (part, range) in (await PartsAsync(response)).Zip(ranges))
                {
                    Decode(part, (int)range!["chunks"]!["start"]!, (int)range["chunks"]!["end"]!, (number, bytes) => chunks[(xorb, number)] = bytes);
                }
            }
        }

        return Join(answer, (xorb, number) => chunks[(xorb, number)]);
    }

    /// <summary>As version 1 has it: a request a range.</summary>
    public static async Task<byte[]> OfV1Async(JsonNode answer, Func<string, string, Task<HttpResponseMessage>> fetch)
    {
        var chunks = new Dictionary<(string Xorb, int Number), byte[]>();
        foreach (var (xorb, entries) in answer["fetch_info"]!.AsObject())
        {
            foreach (var entry in entries!.AsArray())
            {
                using var response = await fetch((string)entry!["url"]!, $"bytes={entry["url_range"]!["start"]}-{entry["url_range"]!["end"]}");
                Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
                var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
                Decode(body, (int)entry["range"]!["start"]!, (int)entry["range"]!["end"]!, (number, bytes) => chunks[(xorb, number)] = bytes);
            }
        }

        return Join(answer, (xorb, number) => chunks[(xorb, number)]);
    }

    public static byte[] Join(JsonNode answer, Func<string, int, byte[]> chunk)
    {
        var whole = new MemoryStream();
        foreach (var term in answer["terms"]!.AsArray())
        {
            var before = whole.Length;
            for (var number = (int)term!["range"]!["start"]!; number < (int)term["range"]!["end"]!; number++)
            {
                whole.Write(chunk((string)term["hash"]!, number));
            }

            Assert.Equal((long)term["unpacked_length"]!, whole.Length - before);
        }

        return whole.ToArray()[(int)answer["offset_into_first_range"]!..];
    }

    /// <summary>The parts of a body: itself, or those of multipart/byteranges.</summary>
    public static async Task<IReadOnlyList<byte[]>> PartsAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        if (response.Content.Headers.ContentType?.MediaType is not "multipart/byteranges")
        {
            return [body];
        }

        var (text, parts) = (Encoding.Latin1.GetString(body), new List<byte[]>());
        var boundary = response.Content.Headers.ContentType.Parameters.Single().Value;
        foreach (var part in text.Split($"\r\n--{boundary}", StringSplitOptions.None).Skip(1).SkipLast(1))
        {
            var head = part.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            var range = ContentRangeHeaderValue.Parse(part[..head].Split("\r\n").Single(line => line.StartsWith("Content-Range: ", StringComparison.Ordinal))["Content-Range: ".Length..]);
            parts.Add(Encoding.Latin1.GetBytes(part[(head + 4)..]));
            Assert.Equal(range.To - range.From + 1, parts[^1].Length);
        }

        return parts;
    }

    public static void Decode(ReadOnlySpan<byte> stored, int first, int end, Action<int, byte[]> take)
    {
        var decoder = new ChunkDecoder();
        for (var number = first; number < end; number++)
        {
            Assert.Null(ChunkHeader.Read(stored, out var header));
            var chunk = new byte[header.Length];
            Assert.Null(decoder.Decode(header, stored[ChunkHeader.Size..header.PhysicalLength], chunk));
            take(number, chunk);
            stored = stored[header.PhysicalLength..];
        }

        Assert.True(stored.IsEmpty);
    }
}
