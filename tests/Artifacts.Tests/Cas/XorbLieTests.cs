using System.Net;
using ModelGarden.Artifacts.Tests.Uploads;
using ModelGarden.Testing;
using ModelGarden.Xet;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>Xorbs that are not what they say: refused whole, with the reason, and nothing is kept.</summary>
public sealed class XorbLieTests : IAsyncLifetime
{
    private static readonly TestXorb True = TestXorb.Any(1);
    private static readonly XorbLies Known = new(True);
    private CasGarden _garden = null!;

    public static TheoryData<string> Lies => [.. Known.Names];

    public async ValueTask InitializeAsync() => _garden = await CasGarden.StartAsync();

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Post_Lie_RefusedAndNothingKept(string lie)
    {
        var (body, reason) = Known.Of(lie);

        await RefusedAsync(HttpStatusCode.BadRequest, reason, await _garden.PostXorbAsync($"{True.Hash}", body));

        Assert.Empty(await _garden.HeldAsync());
        using var head = await _garden.SendAsync(HttpMethod.Head, True.Path, await _garden.TokenAsync());
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        Assert.True(await _garden.UploadAsync(True));
    }

    [Fact]
    public async Task Post_LieOverAXorbThatIsThere_RefusedAndTheTrueOneStays()
    {
        await _garden.UploadAsync(True);
        var held = await _garden.HeldAsync();

        await RefusedAsync(HttpStatusCode.BadRequest, "XORB_HASH_MISMATCH", await _garden.PostXorbAsync($"{True.Hash}", TestXorb.Any(2).Body));

        Assert.Equal(held, await _garden.HeldAsync());
    }

    [Fact]
    public async Task Post_CutAnywhere_RefusedAndNothingKept()
    {
        var small = TestXorb.Any(3, count: 3, length: 60);
        for (var length = 0; length < small.Body.Length; length++)
        {
            using var response = await _garden.PostXorbAsync($"{small.Hash}", small.Body[..length]);
            Assert.Equal((HttpStatusCode.BadRequest, length), (response.StatusCode, length));
        }

        Assert.Empty(await _garden.HeldAsync());
    }

    [Fact]
    public async Task Post_RandomDamage_RefusedOrTrueAllTheSame()
    {
        var held = await _garden.HeldAsync();
        for (var seed = 0; seed < 300; seed++)
        {
            var body = new Mutator(seed).Mutate(seed % 2 is 0 ? True.Body : [.. True.Body, .. True.Footer()]);
            using var response = await _garden.PostXorbAsync($"{True.Hash}", body);
            if (response.StatusCode is HttpStatusCode.OK)
            {
                // The nonce of a footer may be anything.
                Assert.Null(XorbReader.Read(body, True.Hash).Error);
                held = await _garden.HeldAsync();
                Assert.Single(held, line => line.StartsWith("xorbs/", StringComparison.Ordinal));
                continue;
            }

            Assert.Equal((HttpStatusCode.BadRequest, seed), (response.StatusCode, seed));
            Assert.Equal(held, await _garden.HeldAsync());
        }
    }

    [Fact]
    public async Task Post_BreaksOff_NothingKept()
    {
        var xorb = TestXorb.Any(4, count: 40, length: 100_000);
        using var content = new BreakingContent(xorb.Body, after: xorb.Body.Length - 1000);
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () => await _garden.SendAsync(HttpMethod.Post, xorb.Path, await _garden.TokenAsync(), content));

        // The connection is closed by now; stopping the service waits until its request has ended.
        await _garden.Garden.RestartAsync();
        Assert.Empty(await _garden.HeldAsync());
        Assert.True(await _garden.UploadAsync(xorb));
    }

    [Fact]
    public async Task Post_LongerThanAllowed_RefusedAtOnce()
    {
        using var content = new ByteArrayContent(new byte[1000]);
        content.Headers.ContentLength = 1L << 40;

        using var response = await _garden.SendAsync(HttpMethod.Post, True.Path, await _garden.TokenAsync(), content, ("Expect", "100-continue"));

        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "BODY_TOO_LARGE", response);
        Assert.Empty(await _garden.HeldAsync());
    }

    [Fact]
    public async Task Post_MoreBytesThanAXorbHas_Refused()
    {
        // Within the body's limit, which leaves room for a footer.
        var chunk = new byte[ChunkHeader.Size + XetLimits.Chunk];
        new ChunkHeader(XetLimits.Chunk, ChunkScheme.None, XetLimits.Chunk).Write(chunk);
        var body = Enumerable.Repeat(chunk, (XetLimits.XorbRead / chunk.Length) + 1).SelectMany(bytes => bytes).ToArray();

        await RefusedAsync(HttpStatusCode.BadRequest, "BAD_XORB", await _garden.PostXorbAsync($"{True.Hash}", body));

        Assert.Empty(await _garden.HeldAsync());
    }

    [Fact]
    public async Task Post_LongestXorb_Taken()
    {
        // 8,192 chunks, as many as there may be, of all lengths together 64 MiB of what cannot be compressed.
        var bytes = Bytes(XetLimits.XorbWritten, 5);
        var chunks = Enumerable.Range(0, XetLimits.XorbChunks).Select(n => bytes[(n * 8192)..((n + 1) * 8192)]).ToList();
        var hash = XetHashes.OfXorb([.. chunks.Select(chunk => new Chunk(XetHashes.OfChunk(chunk), chunk.Length))]);
        var body = new MemoryStream();
        var header = new byte[ChunkHeader.Size];
        new ChunkHeader(8192, ChunkScheme.None, 8192).Write(header);
        foreach (var chunk in chunks)
        {
            body.Write(header);
            body.Write(chunk);
        }

        Assert.Equal(XetLimits.XorbRead, body.Length);
        Assert.True((bool)(await CasGarden.JsonAsync(await _garden.PostXorbAsync($"{hash}", body.ToArray())))["was_inserted"]!);

        using var head = await _garden.SendAsync(HttpMethod.Head, $"/v1/xorbs/default/{hash}", await _garden.TokenAsync());
        Assert.Equal(body.Length, head.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Post_WithTrueFooter_TakenWithoutIt()
    {
        Assert.True((bool)(await CasGarden.JsonAsync(await _garden.PostXorbAsync($"{True.Hash}", [.. True.Body, .. True.Footer()])))["was_inserted"]!);

        Assert.Equal(True.Body, await File.ReadAllBytesAsync(Path.Combine(_garden.Garden.Garden.Data, "artifacts", Assert.Single(_garden.Garden.StoredPaths())), Cancel));
    }
}

/// <summary>The ways in which a xorb can lie.</summary>
internal sealed class XorbLies
{
    private readonly Dictionary<string, (Func<byte[]> Body, string Reason)> _lies = [];
    private readonly TestXorb _true;

    public XorbLies(TestXorb xorb)
    {
        _true = xorb;
        AddWholeOnes();
        AddHeaders();
        AddPayloads();
        AddEnds();
    }

    public IEnumerable<string> Names => _lies.Keys;

    public (byte[] Body, string Reason) Of(string name) => (_lies[name].Body(), _lies[name].Reason);

    private void AddWholeOnes()
    {
        Add("another xorb", () => TestXorb.Any(2).Body, "XORB_HASH_MISMATCH");
        Add("chunks in another order", () => TestXorb.Of([.. _true.Chunks.Reverse()]).Body, "XORB_HASH_MISMATCH");
        Add("a chunk less", () => _true.Body[.._true.Index.Start(3)], "XORB_HASH_MISMATCH");
        Add("a chunk twice", () => [.. _true.Body, .. _true.Body[.._true.Index.Start(1)]], "XORB_HASH_MISMATCH");
        Add("no bytes at all", () => []);
        Add("too many chunks", () => [.. Enumerable.Repeat(Stored([7]), XetLimits.XorbChunks + 1).SelectMany(chunk => chunk)]);
        Add("text", () => [.. "this is no xorb, and never has been one"u8]);
    }

    private void AddHeaders()
    {
        Add("chunk header of another version", () => Changed(0, 1));
        Add("unknown scheme", () => Changed(4, 3));
        Add("payload length shorter than a stored chunk", () => Changed(1, (byte)(_true.Body[1] - 1)));
        Add("payload length beyond the limit", () => Lengths(0, 262_145, 3000));
        Add("payload of no bytes", () => Lengths(0, 0, 3000));
        Add("chunk of no bytes", () => Lengths(1, null, 0));
        Add("chunk beyond the limit", () => Lengths(1, null, XetLimits.Chunk + 1));
        Add("decompressed length too long", () => Lengths(1, null, _true.Index.Chunks[1].Length + 1));
        Add("decompressed length too short", () => Lengths(1, null, _true.Index.Chunks[1].Length - 1));
    }

    private void AddPayloads()
    {
        Add("other bytes in a stored chunk", () => Changed(100, (byte)(_true.Body[100] ^ 1)), "XORB_HASH_MISMATCH");
        Add("lz4 frame with another magic", () => Payload(0, 0));
        Add("lz4 frame with reserved bits", () => Payload(4, 0xFF));
        Add("lz4 block that is cut off", () => Payload(8, 0xFF));
        Add("lz4 block that reads before its beginning", () => Payload(13, 0xFF));
        Add("compressed bytes called stored", () => Changed(_true.Index.Start(1) + 4, 0));
        Add("stored bytes called compressed", () => Changed(4, 1));
    }

    private void AddEnds()
    {
        Add("cut off in a header", () => _true.Body[..(_true.Index.Start(2) + 5)]);
        Add("cut off in a payload", () => _true.Body[..^1]);
        Add("a byte behind the end", () => [.. _true.Body, 0]);
        Add("many bytes behind the end", () => [.. _true.Body, .. new byte[5000]]);
        Add("footer of another xorb", () => [.. _true.Body, .. TestXorb.Any(2).Footer()]);
        Add("footer with another end of a chunk", () => [.. _true.Body, .. Footer(44)]);
        Add("footer with another chunk hash", () => [.. _true.Body, .. Footer(44 + (4 * _true.Index.Count))]);
        Add("footer with another length", () => [.. _true.Body, .. Footer(_true.Footer().Length - 4)]);
        Add("footer that is cut off", () => [.. _true.Body, .. _true.Footer()[..^1]]);
        Add("bytes behind the footer", () => [.. _true.Body, .. _true.Footer(), 0]);
        Add("footer longer than there are", () => [.. _true.Body, .. _true.Footer(), .. new byte[400_000]]);
        Add("footer alone", () => _true.Footer());
    }

    private void Add(string name, Func<byte[]> body, string reason = "BAD_XORB") => _lies.Add(name, (body, reason));

    private byte[] Changed(int at, byte value)
    {
        var body = _true.Body.ToArray();
        body[at] = value;
        return body;
    }

    private byte[] Payload(int at, byte value) => Changed(_true.Index.Start(1) + ChunkHeader.Size + at, value);

    private byte[] Footer(int at)
    {
        var footer = _true.Footer();
        footer[at] ^= 1;
        return footer;
    }

    /// <summary>With other lengths in a chunk's header; null: as it is.</summary>
    private byte[] Lengths(int chunk, int? payload, int length)
    {
        var body = _true.Body.ToArray();
        var header = body.AsSpan(_true.Index.Start(chunk), ChunkHeader.Size);
        Write(header[1..], payload ?? ((header[3] << 16) | (header[2] << 8) | header[1]));
        Write(header[5..], length);
        return body;
    }

    private static void Write(Span<byte> target, int value) => (target[0], target[1], target[2]) = ((byte)value, (byte)(value >> 8), (byte)(value >> 16));

    private static byte[] Stored(byte[] bytes)
    {
        var chunk = new byte[ChunkHeader.Size + bytes.Length];
        new ChunkHeader(bytes.Length, ChunkScheme.None, bytes.Length).Write(chunk);
        bytes.CopyTo(chunk.AsSpan(ChunkHeader.Size));
        return chunk;
    }
}
