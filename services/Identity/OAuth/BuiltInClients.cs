namespace ModelGarden.Identity.OAuth;

/// <summary>The programs that every garden knows: command lines that people log in with by device code. They are in no list, and nobody takes them away.</summary>
internal static class BuiltInClients
{
    /// <summary>What <c>garden login</c> says it is.</summary>
    public const string Garden = "garden-cli";

    /// <summary>What <c>hf auth login</c> of <c>huggingface_hub</c> says it is, at whatever endpoint.</summary>
    public const string HuggingFace = "26be6b09-91c5-47da-9861-d2d2bb7a7e36";

    /// <summary>How long their tokens are good: people do not log in to a command line every hour.</summary>
    public static readonly TimeSpan AccessLifetime = TimeSpan.FromDays(30);

    private static readonly ClientRow[] All =
    [
        Make(Garden, "garden, the command line", OAuthGrants.DeviceCode, string.Join(' ', Hosting.Access.Scopes.All)),
        Make(HuggingFace, "hf, the command line of Hugging Face", $"{OAuthGrants.DeviceCode} {OAuthGrants.RefreshToken}", $"{Hosting.Access.Scopes.Read} {Hosting.Access.Scopes.Write}"),
    ];

    public static ClientRow? Find(string id) => Array.Find(All, client => client.Id == id);

    public static TimeSpan LifetimeFor(ClientRow client) => Find(client.Id) is null ? ClientRow.AccessLifetime : AccessLifetime;

    private static ClientRow Make(string id, string name, string grants, string scopes) => new()
    {
        Id = id,
        Tenant = Bootstrap.Tenant,
        TenantKey = Bootstrap.Tenant,
        Name = name,
        SecretHash = "",
        RedirectUris = "",
        Grants = grants,
        Scopes = scopes,
        Account = "",
        CreatedBy = "",
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
