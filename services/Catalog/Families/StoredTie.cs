namespace ModelGarden.Catalog.Families;

/// <summary>A <see cref="Tie"/> on disk: of the newest revision, which the owner's people see, or of the published one, which others do.</summary>
internal sealed class StoredTie
{
    public required string RepositoryId { get; init; }

    public required bool IsPublished { get; init; }

    /// <summary>The base's name in lower case: it leads to a repository as any name does.</summary>
    public required string BaseKey { get; init; }

    public required string Base { get; set; }

    public required FamilyRelation Relation { get; set; }

    public required bool IsDeclared { get; set; }

    public required bool IsMeasured { get; set; }

    public required bool IsRelationDeclared { get; set; }

    public void Say(Tie tie) =>
        (Base, Relation, IsDeclared, IsMeasured, IsRelationDeclared) = (tie.Base, tie.Relation, tie.IsDeclared, tie.IsMeasured, tie.IsRelationDeclared);

    public static StoredTie Of(string repositoryId, bool isPublished, Tie tie) => new()
    {
        RepositoryId = repositoryId,
        IsPublished = isPublished,
        BaseKey = tie.Base.ToLowerInvariant(),
        Base = tie.Base,
        Relation = tie.Relation,
        IsDeclared = tie.IsDeclared,
        IsMeasured = tie.IsMeasured,
        IsRelationDeclared = tie.IsRelationDeclared,
    };
}
