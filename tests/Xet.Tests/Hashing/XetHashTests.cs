using ModelGarden.Kernel;

namespace ModelGarden.Xet.Tests;

/// <summary>The text form, the words and the bytes of a hash.</summary>
public sealed class XetHashTests
{
    private static readonly XetHash Counting = XetHash.FromBytes([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    [Fact]
    public void ToString_KnownBytes_HasTheWordsReversed()
    {
        var vector = XetVectors.All["hex_form"]!;

        Assert.Equal((string?)vector["hex"], XetHash.FromBytes(XetVectors.Hex(vector["raw"])).ToString());
        Assert.Equal(XetVectors.Hex(vector["raw"]), XetHash.Parse((string)vector["hex"]!).ToArray());
    }

    [Fact]
    public void Create_TextOfAHash_IsTheHash()
    {
        for (var i = 0; i < 200; i++)
        {
            var hash = XetHash.FromBytes(Bytes.SplitMix64((ulong)i, XetHash.Size));
            Assert.Equal(hash, XetHash.Create(hash.ToString()).Value);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("07060504030201000f0e0d0c0b0a0908171615141312111")]
    [InlineData("07060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a19180")]
    [InlineData("07060504030201000F0E0D0C0B0A090817161514131211101F1E1D1C1B1A1918")]
    [InlineData("g7060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918")]
    [InlineData("07060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a191 ")]
    [InlineData("0x060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918")]
    public void Create_AnyOtherText_IsRefused(string? text)
    {
        Assert.Equal("BAD_XET_HASH", XetHash.Create(text).Error?.Reason);
        Assert.False(XetHash.TryParse(text, out var hash));
        Assert.Equal(default, hash);
    }

    [Fact]
    public void Word_EachIndex_IsLittleEndian()
    {
        Assert.Equal(0x0706050403020100UL, Counting.Word(0));
        Assert.Equal(0x0f0e0d0c0b0a0908UL, Counting.Word(1));
        Assert.Equal(0x1716151413121110UL, Counting.Word(2));
        Assert.Equal(0x1f1e1d1c1b1a1918UL, Counting.Word(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Counting.Word(4));
    }

    [Fact]
    public void FormatTo_AnyHash_IsItsText()
    {
        var text = new byte[XetHash.TextLength];

        Counting.FormatTo(text);

        Assert.Equal(Counting.ToString(), System.Text.Encoding.ASCII.GetString(text));
    }

    [Fact]
    public void FromSha256_Digest_KeepsItsTextAndNotItsBytes()
    {
        var digest = Sha256Digest.Of("hello world"u8);

        var hash = XetHash.FromSha256(digest);

        Assert.Equal(digest.Hex, hash.ToString());
        Assert.Equal(digest, hash.ToSha256());
        Assert.NotEqual(Convert.FromHexString(digest.Hex), hash.ToArray());
    }

    [Fact]
    public void IsZero_OnlyOfNothing_IsTrue()
    {
        Assert.True(default(XetHash).IsZero);
        Assert.Equal(new string('0', 64), default(XetHash).ToString());
        Assert.False(Counting.IsZero);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    public void FromBytes_AnotherLength_IsRefused(int length) => Assert.Throws<ArgumentException>(() => XetHash.FromBytes(new byte[length]));

    [Fact]
    public void CopyTo_TooLittleRoom_IsRefused() => Assert.Throws<ArgumentException>(() => Counting.CopyTo(new byte[31]));
}
