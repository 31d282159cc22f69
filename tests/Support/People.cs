using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Testing;

/// <summary>The people that tests are.</summary>
public static class People
{
    public static Principal Anonymous { get; } = new() { Kind = PrincipalKind.Anonymous, Scopes = { Scopes.Read } };

    /// <summary>Runs the garden; belongs to the tenant <c>garden</c>.</summary>
    public static Principal Operator { get; } = Person("root", "garden", Roles.Operator, Roles.Curator, Roles.Admin);

    public static Principal Curator { get; } = Person("cora", "garden", Roles.Curator);

    public static Principal Engineer(string tenant = "acme") => Person("ann", tenant, Roles.Engineer);

    public static Principal Admin(string tenant = "acme") => Person("ada", tenant, Roles.Admin);

    public static Principal Service(string name) => new() { Kind = PrincipalKind.Service, Name = name };

    public static Principal Person(string name, string tenant, params string[] roles) => new()
    {
        Kind = PrincipalKind.Person,
        Name = name,
        Tenant = tenant,
        Roles = { roles },
        Scopes = { Scopes.All },
        TokenId = $"token-of-{name}",
    };
}
