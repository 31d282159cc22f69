using System.Text;
using System.Text.Json;
using ModelGarden.Formats;
using ModelGarden.Formats.Conversion;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Conversion;

/// <summary>
/// Says what a conversion states in the words of in-toto (Statement v1) and signs it (DSSE v1): that of both files, named by their digests, each tensor's
/// elements are the same bytes in the same order.
/// </summary>
internal sealed class StatementSigner(StatementKeyring keyring, TimeProvider clock)
{
    public const string PayloadType = "application/vnd.in-toto+json";
    public const string PredicateType = "urn:modelgarden:predicate:conversion:v1";

    // It travels in one message, in base64.
    private const int LongestPayload = 16 << 20;

    /// <summary>The envelope in JSON, or that the statement would be too long.</summary>
    public Result<byte[]> Sign(ConversionStatement statement)
    {
        var payload = Json(writer => WriteStatement(writer, statement));
        if (payload.Length > LongestPayload)
        {
            return Error.Invalid("STATEMENT_TOO_LONG", $"the statement on {statement.Tensors.Count} tensors would be {payload.Length} bytes: at most {LongestPayload} are signed");
        }

        return Json(writer => WriteEnvelope(writer, payload, keyring.Sign(Authenticated(payload))));
    }

    // DSSE's pre-authentication encoding: the type is signed too, and no two pairs of type and payload give the same bytes.
    private static byte[] Authenticated(byte[] payload) => [.. Encoding.ASCII.GetBytes($"DSSEv1 {PayloadType.Length} {PayloadType} {payload.Length} "), .. payload];

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return json.ToArray();
    }

    private void WriteEnvelope(Utf8JsonWriter writer, byte[] payload, byte[] signature)
    {
        writer.WriteString("payloadType", PayloadType);
        writer.WriteBase64String("payload", payload);
        writer.WriteStartArray("signatures");
        writer.WriteStartObject();
        writer.WriteString("keyid", keyring.KeyId);
        writer.WriteBase64String("sig", signature);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private void WriteStatement(Utf8JsonWriter writer, ConversionStatement statement)
    {
        writer.WriteString("_type", "https://in-toto.io/Statement/v1");
        writer.WriteStartArray("subject");
        WriteSubject(writer, "target", statement.TargetSha256);
        WriteSubject(writer, "source", statement.SourceSha256);
        writer.WriteEndArray();
        writer.WriteString("predicateType", PredicateType);
        writer.WriteStartObject("predicate");
        WritePredicate(writer, statement);
        writer.WriteEndObject();
    }

    private static void WriteSubject(Utf8JsonWriter writer, string name, string sha256)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteStartObject("digest");
        writer.WriteString("sha256", sha256);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WritePredicate(Utf8JsonWriter writer, ConversionStatement statement)
    {
        writer.WriteStartObject("converter");
        writer.WriteString("name", FileExaminer.Name);
        writer.WriteString("version", $"{FileExaminer.RulesVersion}");
        writer.WriteEndObject();
        writer.WriteString("time", clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
        WriteFile(writer, "source", statement.SourceFormat is FileFormat.TorchZip ? "torch-zip" : "torch-legacy", statement.SourceLength, statement.SourceSha256);
        WriteFile(writer, "target", "safetensors", statement.TargetLength, statement.TargetSha256);
        writer.WriteStartArray("tensors");
        foreach (var tensor in statement.Tensors)
        {
            WriteTensor(writer, tensor);
        }

        writer.WriteEndArray();
        WriteTies(writer, statement.Ties);
        writer.WriteNumber("valuesKept", statement.ValuesKept);
        writer.WriteNumber("valuesLeftOut", statement.ValuesLeftOut);
    }

    private static void WriteFile(Utf8JsonWriter writer, string name, string format, long size, string sha256)
    {
        writer.WriteStartObject(name);
        writer.WriteString("format", format);
        writer.WriteNumber("size", size);
        writer.WriteString("sha256", sha256);
        writer.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter writer, ConvertedTensor tensor)
    {
        writer.WriteStartObject();
        writer.WriteString("name", tensor.Name);
        writer.WriteString("dtype", tensor.Type);
        writer.WriteStartArray("shape");
        foreach (var dimension in tensor.Shape)
        {
            writer.WriteNumberValue(dimension);
        }

        writer.WriteEndArray();
        writer.WriteString("sha256", tensor.Sha256);
        writer.WriteEndObject();
    }

    private static void WriteTies(Utf8JsonWriter writer, IReadOnlyList<IReadOnlyList<string>> ties)
    {
        writer.WriteStartArray("sharedMemory");
        foreach (var names in ties)
        {
            writer.WriteStartArray();
            foreach (var name in names)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }
}
