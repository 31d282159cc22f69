using System.Text.Json;
using System.Text.Json.Nodes;
using ModelGarden.Kernel;

namespace ModelGarden.Evidence;

/// <summary>An in-toto Statement v1 about one thing: what it is called, its SHA-256, and what is said of it.</summary>
/// <param name="Name">Of the subject.</param>
/// <param name="Sha256">Of the subject, 64 hexadecimal digits.</param>
/// <param name="PredicateType">Which kind of statement it is; one of <see cref="Predicates"/> here.</param>
/// <param name="Predicate">What is said.</param>
public sealed record Statement(string Name, string Sha256, string PredicateType, JsonObject Predicate)
{
    private const string InToto = "https://in-toto.io/Statement/v1";
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["_type"] = InToto,
        ["subject"] = new JsonArray(new JsonObject { ["name"] = Name, ["digest"] = new JsonObject { ["sha256"] = Sha256 } }),
        ["predicateType"] = PredicateType,
        ["predicate"] = Predicate.DeepClone(),
    });

    public static Result<Statement> Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: Strict) is JsonObject statement && Text(statement["_type"]) is InToto
                && statement["subject"] is JsonArray { Count: 1 } subjects && subjects[0] is JsonObject subject && Text(subject["name"]) is { } name
                && Sha256Digest.Create(Text((subject["digest"] as JsonObject)?["sha256"])) is { Error: null } digest
                && Text(statement["predicateType"]) is { } type && statement["predicate"] is JsonObject predicate
                ? new Statement(name, digest.Value.Hex, type, predicate)
                : Bad("it is not an in-toto Statement v1 about one subject");
        }
        catch (JsonException exception)
        {
            return Bad(exception.Message);
        }
    }

    /// <summary>A text of the predicate; empty: it says nothing of that.</summary>
    public string Say(string name) => Text(Predicate[name]) ?? "";

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static Error Bad(string why) => Error.Invalid("BAD_STATEMENT", $"what is signed is not a statement of a garden: {why}");
}

/// <summary>The kinds of statements that a garden signs.</summary>
public static class Predicates
{
    public const string Acceptance = "urn:modelgarden:predicate:license-acceptance:v1";
    public const string Withdrawal = "urn:modelgarden:predicate:license-withdrawal:v1";
    public const string Checkpoint = "urn:modelgarden:predicate:audit-checkpoint:v1";
}
