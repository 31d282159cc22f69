using ModelGarden.Contracts.V1;
using Enum = System.Enum;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Rights.Policies;

/// <summary>A field that rules can be about.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Words">The only values that there are; null: any, with <c>*</c>.</param>
/// <param name="Read">What is known of it.</param>
internal sealed record PolicyField(string Name, IReadOnlyList<string>? Words, Func<PolicySubject, Known> Read);

/// <summary>The fields that a rule's <c>when</c> may have, beside the two of the size.</summary>
internal static class PolicyFields
{
    public const string LargerThan = "larger_than";
    public const string SmallerThan = "smaller_than";

    public static IReadOnlyList<PolicyField> All { get; } =
    [
        new("publisher", null, subject => Known.Of(subject.Repository.Owner.Value)),
        new("model", null, subject => Known.Of(subject.Repository.Value)),
        new("own", ["true", "false"], subject => Known.Of(subject.IsOwn ? "true" : "false")),
        new("kind", WordsOf<RepositoryKind>(), subject => Stated(subject.Kind)),
        new("license", null, subject => new(subject.Licenses, true)),
        new("source", WordsOf<SourceKind>(), subject => Stated(subject.Facts?.Source ?? default)),
        new("origin", null, subject => Text(subject.Facts?.Origin)),
        new("task", null, subject => Text(subject.Facts?.Task)),
        new("rating", WordsOf<ContentRating>(), subject => Stated(subject.Facts?.Rating ?? default)),
        new("verdict", WordsOf<Verdict>(), subject => Stated(subject.Facts?.Verdict ?? default)),
        // While files are to be examined, others may come to light.
        new("format", null, subject => subject.Facts is { } facts ? new(facts.Formats, facts.Verdict is not (Verdict.Unspecified or Verdict.Pending)) : Known.Nothing),
    ];

    public static IEnumerable<string> Names { get; } = [.. All.Select(field => field.Name), LargerThan, SmallerThan];

    private static Known Text(string? text) => text switch
    {
        null => Known.Nothing,
        "" => Known.Of(),
        _ => Known.Of(text),
    };

    private static Known Stated<T>(T value)
        where T : struct, Enum => Words<T>.Stated.GetValueOrDefault(value, Known.Nothing);

    private static string[] WordsOf<T>()
        where T : struct, Enum => [.. Words<T>.Stated.Values.SelectMany(known => known.Values)];

    /// <summary>How the values of an enum are written, but the one that says nothing. Made once: decisions ask for them all day long.</summary>
    private static class Words<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, Known> Stated = Enum.GetValues<T>().Where(value => !EqualityComparer<T>.Default.Equals(value, default)).ToDictionary(value => value, value => Known.Of(WordOf(value)));

        /// <summary>FirstParty is written first_party.</summary>
        private static string WordOf(T value) => Key.Of(string.Concat($"{value}".Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{c}")));
    }
}
