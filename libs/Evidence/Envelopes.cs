using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Evidence;

/// <summary>Statements in DSSE v1 envelopes, signed with ECDSA on P-256 and SHA-256.</summary>
public static class Envelopes
{
    public const string PayloadType = "application/vnd.in-toto+json";
    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithRecursionLimit(16));

    public static SignedEnvelope Sign(Statement statement, string keyId, ECDsa key)
    {
        var payload = statement.ToJson();
        var signature = key.SignData(Authenticated(PayloadType, payload), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new()
        {
            PayloadType = PayloadType,
            Payload = ByteString.CopyFrom(payload),
            Signatures = { new EnvelopeSignature { Keyid = keyId, Sig = ByteString.CopyFrom(signature) } },
        };
    }

    /// <summary>What the envelope says, if it is signed with one of these keys.</summary>
    public static Result<Statement> Open(SignedEnvelope envelope, PublicKeys keys)
    {
        if (envelope.PayloadType != PayloadType)
        {
            return Error.Invalid("BAD_ENVELOPE", $"the payload is '{Text.Shorten(envelope.PayloadType)}': {PayloadType} is expected");
        }

        var known = envelope.Signatures.Select(signature => (Signature: signature, Key: keys.Find(signature.Keyid))).FirstOrDefault(one => one.Key is not null);
        if (known.Key is null)
        {
            return Error.Invalid("KEY_UNKNOWN", $"it is signed with the key {Text.Shorten(envelope.Signatures.FirstOrDefault()?.Keyid ?? "of nobody")}, which is not among those given");
        }

        var signed = Authenticated(envelope.PayloadType, envelope.Payload.ToByteArray());
        return known.Key.VerifyData(signed, known.Signature.Sig.Span, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)
            ? Statement.Read(envelope.Payload.Span)
            : Error.Invalid("BAD_SIGNATURE", $"it is not what was signed: the signature of key {known.Signature.Keyid} does not fit");
    }

    /// <summary>An envelope in JSON.</summary>
    public static Result<SignedEnvelope> Read(string json)
    {
        try
        {
            return Json.Parse<SignedEnvelope>(json);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException)
        {
            return Error.Invalid("BAD_ENVELOPE", $"it is not a DSSE envelope in JSON: {exception.Message}");
        }
    }

    public static string Write(SignedEnvelope envelope) => JsonFormatter.Default.Format(envelope);

    // DSSE's pre-authentication encoding: the type is signed too, and no two pairs of type and payload give the same bytes.
    private static byte[] Authenticated(string type, byte[] payload) =>
        [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {Encoding.UTF8.GetByteCount(type)} {type} {payload.Length} ")), .. payload];
}
