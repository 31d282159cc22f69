namespace ModelGarden.Kernel;

/// <summary>
/// The short name of a tenant, which is also the namespace of its repositories: 2 to 64 characters of letters, digits, <c>-</c>, <c>_</c>
/// and <c>.</c>, beginning and ending with a letter or digit. Kept as written, compared without case.
/// </summary>
public readonly record struct TenantName : IParsableId<TenantName>
{
    private readonly string? _value;

    private TenantName(string value) => _value = value;

    public string Value => _value ?? throw new InvalidOperationException("default tenant name");

    public static Result<TenantName> Create(string? text) => Slug.IsValid(text, 2, 64)
        ? new TenantName(text!)
        : Error.Invalid("BAD_TENANT_NAME", $"'{Text.Shorten(text)}' is not a tenant name: {Slug.Rule(2, 64)}");

    public bool Equals(TenantName other) => string.Equals(_value, other._value, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(_value ?? "");

    public override string ToString() => _value ?? "";
}

/// <summary>The one rule for names that stand in paths, host names of replicas and metric labels.</summary>
public static class Slug
{
    public static bool IsValid(string? text, int minimum, int maximum) =>
        text is not null && text.Length >= minimum && text.Length <= maximum
        && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && !text.Contains("..", StringComparison.Ordinal) && !text.Contains("--", StringComparison.Ordinal);

    public static string Rule(int minimum, int maximum) =>
        $"{minimum} to {maximum} letters, digits, '-', '_' or '.', no '--' or '..', beginning and ending with a letter or digit";
}
