using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Access;

public sealed class InternalTokenTests : IDisposable
{
    private const string Header = """{"alg":"ES256","typ":"garden+jwt","kid":"k"}""";
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Verify_OfWhatWasSigned_GivesThePrincipalBack()
    {
        var principal = People.Person("änn \"quoted\"", "acme", Roles.Engineer, Roles.Legal);

        var (back, expiresAt) = InternalToken.Verify(InternalToken.Sign(principal, "k", _key, Now), _key, Now).OrThrow();

        Assert.Equal(principal, back);
        Assert.Equal(Now + InternalToken.Lifetime, expiresAt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Verify_OfASession_SaysWhenAndHowThePersonProvedHimself(bool isStrong)
    {
        var principal = People.Engineer();
        (principal.SessionId, principal.ProvedAt, principal.IsStrong) = ("s", Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(Now - TimeSpan.FromMinutes(3)), isStrong);

        var (back, _) = InternalToken.Verify(InternalToken.Sign(principal, "k", _key, Now), _key, Now).OrThrow();

        Assert.Equal(principal, back);
    }

    [Fact]
    public void Verify_WithAnyCharacterChanged_Refuses()
    {
        var token = InternalToken.Sign(People.Engineer(), "k", _key, Now);
        for (var i = 0; i < token.Length; i++)
        {
            foreach (var other in (char[])['A', 'B', '.', '=', ' ', '\0'])
            {
                if (token[i] != other)
                {
                    AssertRefused($"{token[..i]}{other}{token[(i + 1)..]}");
                }
            }
        }
    }

    [Fact]
    public void Verify_WithAnythingAddedOrCut_Refuses()
    {
        var token = InternalToken.Sign(People.Engineer(), "k", _key, Now);
        foreach (var end in (string[])["=", "==", " ", "\n", ".", "A", ".e30"])
        {
            AssertRefused(token + end);
            AssertRefused(end + token);
        }

        for (var length = 0; length < token.Length; length++)
        {
            AssertRefused(token[..length]);
        }
    }

    [Theory]
    [InlineData("""{"alg":"none","typ":"garden+jwt","kid":"k"}""")]
    [InlineData("""{"alg":"HS256","typ":"garden+jwt","kid":"k"}""")]
    [InlineData("""{"alg":"es256","typ":"garden+jwt","kid":"k"}""")]
    [InlineData("""{"typ":"garden+jwt","kid":"k"}""")]
    [InlineData("""{"alg":"ES256","typ":"JWT","kid":"k"}""")]
    [InlineData("""{"alg":"ES256","kid":"k"}""")]
    [InlineData("""{"alg":"ES256","typ":"garden+jwt"}""")]
    [InlineData("""{"alg":"ES256","typ":"garden+jwt","kid":""}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("not json")]
    public void Verify_OfAnotherHeader_Refuses_ThoughTheKeySignedIt(string header)
    {
        var token = Sign(header, Payload());

        Assert.Null(InternalToken.KeyIdOf(token));
        AssertRefused(token);
    }

    [Theory]
    [InlineData("garden-identity", "other")]
    [InlineData("other", "garden")]
    [InlineData("", "")]
    public void Verify_OfAnotherIssuerOrAudience_Refuses(string issuer, string audience) => AssertRefused(Sign(Header, Payload(issuer: issuer, audience: audience)));

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"iss":"garden-identity","aud":["garden"]}""")]
    [InlineData("""{"iss":"garden-identity","aud":"garden","exp":"soon"}""")]
    public void Verify_OfAnotherPayload_Refuses_ThoughTheKeySignedIt(string payload) => AssertRefused(Sign(Header, payload));

    [Theory]
    [InlineData(-31, -400, false)]
    [InlineData(-29, -329, true)]
    [InlineData(300, 29, true)]
    [InlineData(300, 31, false)]
    [InlineData(long.MaxValue / 2, 0, false)]
    [InlineData(long.MinValue / 2, 0, false)]
    [InlineData(300, long.MinValue / 2, true)]
    [InlineData(300, long.MaxValue / 2, false)]
    public void Verify_HoldsTheTimes_WithHalfAMinuteOfGrace(long expiresIn, long issuedIn, bool isGood)
    {
        var verified = InternalToken.Verify(Sign(Header, Payload(expiresIn, issuedIn)), _key, Now);

        Assert.Equal(isGood ? null : "INTERNAL_TOKEN_EXPIRED", verified.Error?.Reason);
    }

    [Fact]
    public void Verify_WithAnotherKey_Refuses()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        AssertRefused(InternalToken.Sign(People.Engineer(), "k", other, Now));
    }

    [Fact]
    public void Verify_OfADerSignature_Refuses()
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Payload()))}";
        var signature = _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

        AssertRefused($"{signed}.{Base64Url.EncodeToString(signature)}");
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("hf_garden_abc")]
    [InlineData("\0\uFFFF.é.ß")]
    public void Verify_OfGarbage_Refuses(string token) => AssertRefused(token);

    [Fact]
    public void Verify_OfAnOverlongToken_Refuses_ThoughItIsSigned()
    {
        var principal = People.Person(new string('n', 10_000), "acme");

        AssertRefused(InternalToken.Sign(principal, "k", _key, Now));
        AssertRefused(new string('a', 100_000) + "." + new string('b', 100_000) + ".c");
    }

    private void AssertRefused(string token) => Assert.Equal(ErrorCode.Unauthenticated, InternalToken.Verify(token, _key, Now).Error?.Code);

    private static string Payload(long expiresIn = 300, long issuedIn = 0, string issuer = "garden-identity", string audience = "garden") =>
        $$"""{"iss":"{{issuer}}","aud":"{{audience}}","sub":"ann","kind":2,"exp":{{Now.ToUnixTimeSeconds() + expiresIn}},"iat":{{Now.ToUnixTimeSeconds() + issuedIn}}}""";

    private string Sign(string header, string payload)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
        var signature = _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }
}
