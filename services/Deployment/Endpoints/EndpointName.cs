using ModelGarden.Kernel;

namespace ModelGarden.Deployment.Endpoints;

/// <summary>
/// An endpoint's name, unique in its tenant: 2 to 48 lower-case letters, digits and <c>-</c>. It begins and ends with a letter or digit,
/// since it becomes an argument of engines and part of host names.
/// </summary>
internal readonly record struct EndpointName : IParsableId<EndpointName>
{
    private readonly string? _value;

    private EndpointName(string value) => _value = value;

    public string Value => _value ?? throw new InvalidOperationException("default endpoint name");

    public static Result<EndpointName> Create(string? text) =>
        text is { Length: >= 2 and <= 48 } && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-') && text[0] is not '-' && text[^1] is not '-'
            ? new EndpointName(text)
            : Error.Invalid("BAD_ENDPOINT_NAME", $"'{Text.Shorten(text)}' is not an endpoint's name: 2 to 48 lower-case letters, digits and '-', beginning and ending with a letter or digit");

    public override string ToString() => _value ?? "";
}

/// <summary>Which endpoint: a tenant's, by name. Tenants compare without case.</summary>
internal readonly record struct EndpointKey(string Tenant, EndpointName Name)
{
    public string TenantKey => KeyOf(Tenant);

    public static string KeyOf(string tenant) => tenant.ToLowerInvariant();

    public override string ToString() => $"{Tenant}/{Name}";
}
