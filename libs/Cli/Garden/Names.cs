namespace ModelGarden.Cli.Garden;

/// <summary>A model as commands name it: <c>namespace/name</c>, or <c>namespace/name@revision</c>. Without a revision: HEAD. Where its kind says so, a data set.</summary>
internal readonly record struct ModelReference(RepositoryName Name, string Revision)
{
    private const int MaximumRevision = 256;

    /// <summary>Unspecified: a model, or whatever has the name where there is none.</summary>
    public Contracts.V1.RepositoryKind Kind { get; init; }

    /// <summary>Where the Hub's protocol has what it says of it.</summary>
    public string Api => $"api/{(Kind is Contracts.V1.RepositoryKind.Dataset ? "datasets" : "models")}/{Name}";

    /// <summary>Where its files are.</summary>
    public string Page => $"{Contracts.V1.RepositoryPaths.PrefixOf(Kind)}{Name}";

    public static Result<ModelReference> Create(string? text)
    {
        var at = text?.IndexOf('@', StringComparison.Ordinal) ?? -1;
        var name = RepositoryName.Create(at < 0 ? text : text![..at]);
        if (name.Error is { } error)
        {
            return error;
        }

        var revision = at < 0 ? "" : text![(at + 1)..];
        return (at >= 0 && revision.Length is 0) || revision.Length > MaximumRevision || revision.Any(c => char.IsControl(c) || c is ' ')
            ? Error.Invalid("BAD_REVISION", $"'{Text.Shorten(text)}' has no revision behind its '@': a branch, a tag or a commit is expected")
            : new ModelReference(name.Value, revision);
    }

    public override string ToString() => Revision.Length > 0 ? $"{Name}@{Revision}" : Name.ToString();
}

/// <summary>The one repository that a token is for, as tokens have it: <c>namespace/name</c> of a model, with <c>datasets/</c> or <c>spaces/</c> in front of others.</summary>
internal readonly record struct BoundRepository(Contracts.V1.RepositoryKind Kind, RepositoryName Name)
{
    public static Result<BoundRepository> Create(string? text)
    {
        var (kind, name) = Contracts.V1.RepositoryPaths.Split(text ?? "");
        var repository = RepositoryName.Create(name);
        return repository.Error is { } error ? error : new BoundRepository(kind, repository.Value);
    }

    public override string ToString() => $"{Contracts.V1.RepositoryPaths.PrefixOf(Kind)}{Name}";
}

/// <summary>A collection as commands name it, and addresses: <c>owner/title-in-small-letters-and-the-id</c>.</summary>
internal readonly record struct CollectionAddress(string Slug)
{
    private const int MaximumLength = 256;

    public static Result<CollectionAddress> Create(string? text) =>
        text is { Length: <= MaximumLength } && text.Split('/') is [{ Length: > 0 }, { Length: > 0 }] && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/')
            ? new CollectionAddress(text)
            : Error.Invalid("BAD_COLLECTION", $"'{Text.Shorten(text)}' is no collection: one such as acme/small-and-fast-0123456789abcdef01234567 is expected, see garden collections list");

    public override string ToString() => Slug;
}

/// <summary>An endpoint's name: 2 to 48 lower-case letters, digits and <c>-</c>.</summary>
internal readonly record struct EndpointName(string Value)
{
    private const int Minimum = 2;
    private const int Maximum = 48;

    public static Result<EndpointName> Create(string? text) =>
        text is { Length: >= Minimum and <= Maximum } && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-') && text[0] is not '-' && text[^1] is not '-'
            ? new EndpointName(text)
            : Error.Invalid("BAD_ENDPOINT_NAME", $"'{Text.Shorten(text)}' is not an endpoint's name: {Minimum} to {Maximum} lower-case letters, digits and '-', beginning and ending with a letter or digit");

    /// <summary>The name that an endpoint gets when none is given: the model's, as far as its letters go.</summary>
    public static Result<EndpointName> After(RepositoryName model)
    {
        var text = string.Concat(model.Name.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-'));
        text = (text.Length > Maximum ? text[..Maximum] : text).Trim('-');
        return Create(text.Length < Minimum ? $"model-{text}" : text);
    }

    public override string ToString() => Value;
}

/// <summary>The id of a report, or of an item of a collection: 24 hexadecimal digits.</summary>
internal static class ShortHexId
{
    private const int Length = 24;

    public static Result<string> Create(string? text) => text is { Length: Length } && text.All(char.IsAsciiHexDigitLower)
        ? text
        : Error.Invalid("BAD_ID", $"'{Text.Shorten(text)}' is no id: {Length} digits from 0 to f are expected, as lists show them");
}

/// <summary>The rule for accounts, tenants and other short names that stand in a path.</summary>
internal static class ShortName
{
    public static Result<string> Create(string? text) => Slug.IsValid(text, 2, 64)
        ? text!
        : Error.Invalid("BAD_NAME", $"'{Text.Shorten(text)}' is not a name: {Slug.Rule(2, 64)}");
}
