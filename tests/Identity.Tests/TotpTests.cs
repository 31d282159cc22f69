using System.Text;
using ModelGarden.Identity.SecondFactors;

namespace ModelGarden.Identity.Tests;

public sealed class TotpTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    // RFC 6238, appendix B, SHA-1; six digits are the last of eight.
    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void CodeAt_TimesOfTheRfc_IsTheirs(long time, string code) =>
        Assert.Equal(code[2..], Totp.CodeAt(Secret, Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(time))));

    // RFC 4226, appendix D.
    [Fact]
    public void CodeAt_CountersOfTheRfc_IsTheirs() => Assert.Equal(
        ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"], Enumerable.Range(0, 10).Select(step => Totp.CodeAt(Secret, step)));

    [Fact]
    public void Match_StepsAround_IsOneEitherWay()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var step = Totp.StepAt(now);

        Assert.Equal([null, step - 1, step, step + 1, null], Enumerable.Range(-2, 5).Select(by => Totp.Match(Secret, Totp.CodeAt(Secret, step + by), now)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("١٢٣٤٥٦")]
    public void Match_WhatIsNoCode_IsNone(string code) => Assert.Null(Totp.Match(Secret, code, DateTimeOffset.UnixEpoch.AddDays(1)));

    // RFC 4648, section 10, those without padding.
    [Theory]
    [InlineData("", "")]
    [InlineData("fooba", "MZXW6YTB")]
    public void Encode_SamplesOfTheRfc_IsTheirs(string text, string encoded) => Assert.Equal(encoded, Base32.Encode(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Encode_AnyBytes_AreReadBack()
    {
        var random = new Random(1);

        for (var i = 0; i < 200; i++)
        {
            var bytes = new byte[5 * random.Next(1, 8)];
            random.NextBytes(bytes);
            Assert.Equal(bytes, Base32Text.Decode(Base32.Encode(bytes)));
        }
    }
}
