namespace ModelGarden.Hosting;

/// <summary>The services of a garden, by the names that settings, addresses and tokens use.</summary>
public static class ServiceNames
{
    public const string Gateway = "gateway";
    public const string Identity = "identity";
    public const string Entitlement = "entitlement";
    public const string Catalog = "catalog";
    public const string Artifacts = "artifacts";
    public const string Search = "search";
    public const string Deployment = "deployment";
    public const string Serving = "serving";
    public const string Hub = "hub";

    public static IReadOnlyList<string> All { get; } = [Identity, Entitlement, Artifacts, Catalog, Search, Deployment, Serving, Hub, Gateway];
}
