using System.Globalization;

namespace ModelGarden.Rights.Policies;

/// <summary>How a condition stands to a model. What is not known is neither.</summary>
public enum Match
{
    No,
    Unknown,
    Yes,
}

/// <summary>What is known of a model in one field.</summary>
/// <param name="Values">None: it has none, or none is known.</param>
/// <param name="IsWhole">There are no others.</param>
internal readonly record struct Known(IReadOnlyList<string> Values, bool IsWhole)
{
    public static readonly Known Nothing = new([], false);

    public static Known Of(params string[] values) => new(values, true);
}

/// <summary>One line of a rule's <c>when</c>.</summary>
/// <param name="Field">Its name.</param>
/// <param name="Wanted">As it is written.</param>
public abstract record Condition(string Field, string Wanted)
{
    /// <param name="subject">Of which.</param>
    /// <param name="oneIsEnough">Of several values, such as licences; false: all have to match.</param>
    public abstract Match Of(PolicySubject subject, bool oneIsEnough);

    /// <summary>What the model is in this field, for people.</summary>
    public abstract string Is(PolicySubject subject);
}

/// <summary>Values are held against patterns.</summary>
internal sealed record PatternCondition(string Field, string Wanted, IReadOnlyList<Pattern> Patterns, Func<PolicySubject, Known> Read) : Condition(Field, Wanted)
{
    public override Match Of(PolicySubject subject, bool oneIsEnough)
    {
        var known = Read(subject);
        if (oneIsEnough)
        {
            return known.Values.Any(IsWanted) ? Match.Yes : known.IsWhole ? Match.No : Match.Unknown;
        }

        return !known.Values.All(IsWanted) ? Match.No : !known.IsWhole ? Match.Unknown : known.Values.Count > 0 ? Match.Yes : Match.No;
    }

    public override string Is(PolicySubject subject) => Read(subject) switch
    {
        { Values.Count: > 0 } known => $"{Field} is {Kernel.Text.Shorten(string.Join(", ", known.Values), 300)}{(known.IsWhole ? "" : ", and what else is not known yet")}",
        { IsWhole: true } => $"{Field} is not stated",
        _ => $"{Field} is not known",
    };

    private bool IsWanted(string value) => Patterns.Any(pattern => pattern.Matches(value));
}

/// <summary>The bytes of all files are held against a bound.</summary>
internal sealed record SizeCondition(string Field, string Wanted, long Bytes, bool IsAbove) : Condition(Field, Wanted)
{
    public override Match Of(PolicySubject subject, bool oneIsEnough) => subject.Facts switch
    {
        { HasSize: true } facts => (IsAbove ? facts.Size > Bytes : facts.Size < Bytes) ? Match.Yes : Match.No,
        _ => Match.Unknown,
    };

    public override string Is(PolicySubject subject) =>
        subject.Facts is { HasSize: true } facts ? string.Create(CultureInfo.InvariantCulture, $"it has {facts.Size:N0} bytes") : "its size is not known";
}
