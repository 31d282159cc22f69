using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Artifacts.Tests.Conversion;

/// <summary>Verifies a statement as somebody would who knows nothing but DSSE, in-toto and safetensors.</summary>
internal static class Envelope
{
    /// <summary>The signed payload; fails when the signature is not that of the key.</summary>
    public static JsonNode Open(GetConversionResponse conversion)
    {
        var envelope = JsonNode.Parse(conversion.Statement.Span)!;
        var type = (string)envelope["payloadType"]!;
        var payload = Convert.FromBase64String((string)envelope["payload"]!);
        var signature = Assert.Single(envelope["signatures"]!.AsArray())!;
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(conversion.PublicKey.Span, out _);

        Assert.Equal("application/vnd.in-toto+json", type);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(conversion.PublicKey.Span)), (string)signature["keyid"]!);
        Assert.True(IsSigned(key, type, payload, signature));
        Assert.False(IsSigned(key, type, [.. payload, (byte)' '], signature));
        Assert.False(IsSigned(key, "application/json", payload, signature));
        return JsonNode.Parse(payload)!;
    }

    /// <summary>That the statement's tensors are those of the file, each with the digest that its bytes there have.</summary>
    public static void AssertDescribes(JsonNode statement, byte[] safetensors)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(safetensors);
        var header = JsonNode.Parse(safetensors.AsSpan(8, length))!.AsObject();
        header.Remove("__metadata__");
        var tensors = statement["predicate"]!["tensors"]!.AsArray();
        Assert.Equal(header.Count, tensors.Count);
        foreach (var tensor in tensors)
        {
            var entry = header[(string)tensor!["name"]!]!;
            var (begin, end) = ((int)entry["data_offsets"]![0]!, (int)entry["data_offsets"]![1]!);
            Assert.Equal((string)entry["dtype"]!, (string)tensor["dtype"]!);
            Assert.Equal(entry["shape"]!.ToJsonString(), tensor["shape"]!.ToJsonString());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(safetensors.AsSpan((8 + length + begin)..(8 + length + end)))), (string)tensor["sha256"]!);
        }
    }

    private static bool IsSigned(ECDsa key, string type, byte[] payload, JsonNode signature)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"DSSEv1 {Encoding.UTF8.GetByteCount(type)} {type} {payload.Length} "), .. payload];
        return key.VerifyData(signed, Convert.FromBase64String((string)signature["sig"]!), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }
}
