namespace ModelGarden.Catalog;

/// <summary>Accounts' names are compared without case: this is the form in which they are looked up.</summary>
internal static class AccountKey
{
    public static string Of(string account) => account.ToLowerInvariant();
}
