using System.Globalization;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Evidence;

/// <summary>What a garden signed of its chain: after that record its hash was this.</summary>
/// <param name="Sequence">Of the record.</param>
/// <param name="Hash">64 hexadecimal digits.</param>
/// <param name="At">When it was signed.</param>
public sealed record Checkpoint(long Sequence, string Hash, DateTimeOffset At)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public Statement ToStatement(string garden) => new("audit", Hash, Predicates.Checkpoint, new JsonObject
    {
        ["garden"] = garden,
        ["sequence"] = Sequence,
        ["at"] = At.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
    });

    public static Result<Checkpoint> Open(SignedEnvelope envelope, PublicKeys keys)
    {
        var statement = Envelopes.Open(envelope, keys);
        if (statement.Error is not null)
        {
            return statement.Error;
        }

        return statement.Value.PredicateType is Predicates.Checkpoint && statement.Value.Predicate["sequence"] is JsonValue number && number.TryGetValue<long>(out var sequence)
            && DateTimeOffset.TryParseExact(statement.Value.Say("at"), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? new Checkpoint(sequence, statement.Value.Sha256, at)
            : Error.Invalid("BAD_CHECKPOINT", $"it is a signed statement, but of another kind: {Text.Shorten(statement.Value.PredicateType)}");
    }
}
