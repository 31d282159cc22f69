namespace ModelGarden.Contracts.V1;

/// <summary>Made in one place out of Catalog's word: a policy that forbids pickles is to see the same of a revision, whoever asks.</summary>
public sealed partial class ModelFacts
{
    /// <param name="repository">As it is described to the caller.</param>
    /// <param name="record">What describes the revision; null: nobody has said or measured anything yet.</param>
    public static ModelFacts Of(Repository repository, ModelRecord? record)
    {
        var facts = new ModelFacts
        {
            Source = repository.Source?.Kind ?? SourceKind.Unspecified,
            Origin = repository.Source?.Origin ?? "",
            // The revision's: the repository's own is that of its head.
            Rating = ContentRatings.Of(repository.AttestedRating, record),
            Task = record?.Declared?.Task ?? "",
        };
        if (record?.Measured is { } measured)
        {
            facts.Formats.Add(measured.Formats);
            (facts.Verdict, facts.Size) = (measured.Verdict, measured.Size);
        }

        return facts;
    }
}
