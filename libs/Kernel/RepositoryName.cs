namespace ModelGarden.Kernel;

/// <summary>What a repository holds. The Hugging Face protocol calls the third one a space.</summary>
public enum RepositoryKind
{
    Model,
    Dataset,
    App,
}

/// <summary>
/// A repository's full name, <c>namespace/name</c>: the namespace is the owning tenant's name, the name 1 to 96 characters under the
/// rule of <see cref="Slug"/> and not ending in <c>.git</c>. Kept as written, compared without case.
/// </summary>
public readonly record struct RepositoryName : IParsableId<RepositoryName>
{
    private const int MaximumLength = 96;
    private readonly string? _value;

    private RepositoryName(TenantName owner, string value) => (Owner, _value) = (owner, value);

    /// <summary>The tenant that owns the repository.</summary>
    public TenantName Owner { get; }

    public string Value => _value ?? throw new InvalidOperationException("default repository name");

    /// <summary>The part behind the slash.</summary>
    public string Name => Value[(Value.IndexOf('/', StringComparison.Ordinal) + 1)..];

    public static Result<RepositoryName> Create(string? text)
    {
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash < 0 || TenantName.Create(text![..slash]) is not { Error: null } owner || !IsName(text[(slash + 1)..]))
        {
            return Error.Invalid("BAD_REPOSITORY_NAME", $"'{Text.Shorten(text)}' is not a repository name: 'namespace/name' is expected, the name with {Slug.Rule(1, MaximumLength)}");
        }

        return new RepositoryName(owner.Value, text);
    }

    public bool Equals(RepositoryName other) => string.Equals(_value, other._value, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(_value ?? "");

    public override string ToString() => _value ?? "";

    private static bool IsName(string name) => Slug.IsValid(name, 1, MaximumLength) && !name.EndsWith(".git", StringComparison.OrdinalIgnoreCase);
}
