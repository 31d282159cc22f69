using System.IO.Hashing;
using System.Text;

namespace ModelGarden.StandIns.Tests.Hashing;

public sealed class XxHash64Tests
{
    private const uint Prime32 = 2654435761;
    private const ulong Prime64 = 11400714785074694797;

    // Seed used by the xxHash project's own sanity check.
    private const long Seed = Prime32;

    /// <summary>Length, seed, hash: the vectors of xxHash's sanity check, on its own pseudo-random buffer.</summary>
    public static TheoryData<int, long, ulong> OfficialVectors => new()
    {
        { 0, 0, 0xEF46DB3751D8E999 },
        { 0, Seed, 0xAC75FDA2929B17EF },
        { 1, 0, 0xE934A84ADB052768 },
        { 1, Seed, 0x5014607643A9B4C3 },
        { 4, 0, 0x9136A0DCA57457EE },
        { 14, 0, 0x8282DCC4994E35C8 },
        { 14, Seed, 0xC3BD6BF63DEB6DF0 },
        { 222, 0, 0xB641AE8CB691C174 },
        { 222, Seed, 0x20CB8AB7AE10C14A },
    };

    [Theory]
    [MemberData(nameof(OfficialVectors))]
    public void Hash_OfficialVector_IsTheExpectedHash(int length, long seed, ulong expected)
    {
        var hash = new XxHash64(seed);
        hash.Append(SanityBuffer(length));

        Assert.Equal(expected, hash.GetCurrentHashAsUInt64());
    }

    [Theory]
    [InlineData("", "ef46db3751d8e999")]
    [InlineData("a", "d24ec4f1a98c6e5b")]
    [InlineData("abc", "44bc2cf5ad770999")]
    [InlineData("Nobody inspects the spammish repetition", "fbcea83c8a378bf1")]
    public void Hash_KnownText_IsBigEndian(string text, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(XxHash64.Hash(Encoding.ASCII.GetBytes(text))));

    [Fact]
    public void Append_InPiecesOfAnyLength_EqualsOneShot()
    {
        for (var length = 0; length <= 256; length++)
        {
            var data = SanityBuffer(length);
            var whole = XxHash64.Hash(data, Seed);
            for (var piece = 1; piece <= 65; piece++)
            {
                var hash = new XxHash64(Seed);
                for (var start = 0; start < length; start += piece)
                {
                    hash.Append(data.AsSpan(start, Math.Min(piece, length - start)));
                }

                Assert.Equal(whole, hash.GetCurrentHash());
            }
        }
    }

    [Fact]
    public async Task Append_Streams_EqualsOneShot()
    {
        var data = SanityBuffer(200_000);
        var hash = new XxHash64();

        hash.Append(new MemoryStream(data, 0, 70_001));
        await hash.AppendAsync(new MemoryStream(data, 70_001, data.Length - 70_001), TestContext.Current.CancellationToken);

        Assert.Equal(XxHash64.Hash(data), hash.GetCurrentHash());
    }

    [Fact]
    public void GetCurrentHash_Repeated_DoesNotDisturbTheRunningHash()
    {
        var data = SanityBuffer(100);
        var hash = new XxHash64();
        hash.Append(data.AsSpan(0, 50));

        Assert.Equal(hash.GetCurrentHash(), hash.GetCurrentHash());
        hash.Append(data.AsSpan(50));

        Assert.Equal(XxHash64.Hash(data), hash.GetHashAndReset());
        Assert.Equal(XxHash64.Hash([]), hash.GetCurrentHash());
    }

    [Fact]
    public void TryGetCurrentHash_DestinationTooShort_WritesNothing()
    {
        var hash = new XxHash64();

        Assert.False(hash.TryGetCurrentHash(new byte[7], out var written));
        Assert.Equal(0, written);
        Assert.Throws<ArgumentException>(() => hash.GetCurrentHash(new byte[7]));
        Assert.Equal(8, hash.GetCurrentHash(new byte[9]));
    }

    private static byte[] SanityBuffer(int length)
    {
        var buffer = new byte[length];
        ulong generator = Prime32;
        for (var i = 0; i < length; i++)
        {
            buffer[i] = (byte)(generator >> 56);
            generator *= Prime64;
        }

        return buffer;
    }
}
