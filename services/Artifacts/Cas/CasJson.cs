using System.Text.Json.Serialization;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Chunks of a segment; the end is behind the last one.</summary>
internal readonly record struct ChunkRange(int Start, int End);

/// <summary>Bytes of a segment as it is sent, both included.</summary>
internal readonly record struct SentRange(long Start, long End);

internal sealed record TermJson(string Hash, long UnpackedLength, ChunkRange Range);

/// <summary>How version 1 says where bytes are: a URL a range.</summary>
internal sealed record FetchJson(ChunkRange Range, string Url, SentRange UrlRange);

/// <summary>How version 2 says it: ranges a URL.</summary>
internal sealed record XorbFetchJson(string Url, IReadOnlyList<RangeJson> Ranges);

internal sealed record RangeJson(ChunkRange Chunks, SentRange Bytes);

internal sealed record ReconstructionV1(
    long OffsetIntoFirstRange, IReadOnlyList<TermJson> Terms, IReadOnlyDictionary<string, IReadOnlyList<FetchJson>> FetchInfo);

internal sealed record ReconstructionV2(
    long OffsetIntoFirstRange, IReadOnlyList<TermJson> Terms, IReadOnlyDictionary<string, IReadOnlyList<XorbFetchJson>> Xorbs);

internal sealed record ReconstructionBatch(
    IReadOnlyDictionary<string, IReadOnlyList<TermJson>> Files, IReadOnlyDictionary<string, IReadOnlyList<FetchJson>> FetchInfo);

internal sealed record BatchKey(string? Prefix, string? Hash);

internal sealed record Inserted(bool WasInserted);

/// <param name="Result">0: known before; 1: registered.</param>
internal sealed record Registered(int Result);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReconstructionV1))]
[JsonSerializable(typeof(ReconstructionV2))]
[JsonSerializable(typeof(ReconstructionBatch))]
[JsonSerializable(typeof(BatchKey?[]))]
[JsonSerializable(typeof(Inserted))]
[JsonSerializable(typeof(Registered))]
[JsonSerializable(typeof(ShardProgress))]
internal sealed partial class CasJson : JsonSerializerContext;
