namespace ModelGarden.Catalog.Families;

/// <summary>That a model was made of another, as its record tells.</summary>
/// <param name="Base">namespace/name as it is written.</param>
/// <param name="Relation">How it was made of it.</param>
/// <param name="IsDeclared">The card says so.</param>
/// <param name="IsMeasured">The files say so.</param>
/// <param name="IsRelationDeclared">The relation is the card's own word.</param>
internal sealed record Tie(string Base, FamilyRelation Relation, bool IsDeclared, bool IsMeasured, bool IsRelationDeclared);

/// <summary>What a record says of the models that one was made of. Pure.</summary>
internal static class Descent
{
    private const int MaximumTies = 50;
    private const string Adapter = "adapter";

    /// <summary>How it was made: as declared, else as the files, the library and the number of bases tell; empty: it has no base.</summary>
    public static string RelationOf(DeclaredFacts declared, MeasuredFacts measured) =>
        declared.BaseModels.Count + measured.BaseModels.Count is 0 ? ""
        : declared.BaseModelRelation.Length > 0 ? declared.BaseModelRelation
        : measured.BaseModelRelation.Length > 0 ? measured.BaseModelRelation
        : declared.Library is "peft" ? Adapter
        : declared.BaseModels.Count > 1 ? "merge"
        : "finetune";

    /// <summary>
    /// Its ties, each base once. A GGUF keeps the metadata of what it was quantised from, so that a base which it names may be the base's own: it counts where the card declares none.
    /// What an adapter's configuration names is always what it adapts.
    /// </summary>
    public static IReadOnlyList<Tie> TiesOf(ModelRecord? record)
    {
        var (declared, measured) = (record?.Declared ?? new(), record?.Measured ?? new());
        var (isAdapter, relation) = (measured.BaseModelRelation is Adapter, Relation(RelationOf(declared, measured)));
        var names = declared.BaseModels.Concat(isAdapter || declared.BaseModels.Count is 0 ? measured.BaseModels : []);
        return
        [
            .. names.Where(name => RepositoryName.Create(name).Error is null).Distinct(StringComparer.OrdinalIgnoreCase).Take(MaximumTies).Select(name =>
            {
                var isDeclared = declared.BaseModels.Contains(name, StringComparer.OrdinalIgnoreCase);
                return new Tie(
                    name,
                    !isDeclared && isAdapter ? FamilyRelation.Adapter : relation,
                    isDeclared,
                    measured.BaseModels.Contains(name, StringComparer.OrdinalIgnoreCase),
                    isDeclared && declared.BaseModelRelation.Length > 0);
            }),
        ];
    }

    private static FamilyRelation Relation(string word) => word switch
    {
        Adapter => FamilyRelation.Adapter,
        "quantized" => FamilyRelation.Quantized,
        "merge" => FamilyRelation.Merge,
        _ => FamilyRelation.Finetune,
    };
}
