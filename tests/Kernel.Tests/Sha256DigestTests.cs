namespace ModelGarden.Kernel.Tests;

public sealed class Sha256DigestTests
{
    private const string OfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    [Fact]
    public void Of_Bytes_IsTheirHash()
    {
        Assert.Equal(OfAbc, Sha256Digest.Of("abc"u8).Hex);
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Sha256Digest.Of([]).Hex);
    }

    [Fact]
    public void FromBytes_OfAHash_IsItsDigest() => Assert.Equal(Sha256Digest.Of("abc"u8), Sha256Digest.FromBytes(Convert.FromHexString(OfAbc)));

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void FromBytes_OfAnotherLength_IsABug(int length) => Assert.Throws<ArgumentException>(() => Sha256Digest.FromBytes(new byte[length]));

    [Fact]
    public void Create_WithAlgorithm_IsTheSame() => Assert.Equal(Sha256Digest.Create(OfAbc).Value, Sha256Digest.Create($"sha256:{OfAbc}").Value);

    [Theory]
    [InlineData("sha256:")]
    [InlineData("SHA256:" + OfAbc)]
    [InlineData("sha512:" + OfAbc)]
    [InlineData("sha256:sha256:" + OfAbc)]
    [InlineData(OfAbc + "0")]
    [InlineData("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a\n")]
    public void Create_OtherText_IsRefused(string text) => Assert.Equal("BAD_DIGEST", Sha256Digest.Create(text).Error?.Reason);
}
