namespace ModelGarden.Identity.Pages;

/// <summary>Where a page sends its visitor back to: a path of this garden, never an address elsewhere.</summary>
internal static class LocalPath
{
    public const string Home = "/account";
    private const int Longest = 2048;

    /// <summary>The path, or the account's page instead of anything that a browser could take for another host.</summary>
    public static string Of(string text) => IsLocal(text) ? text : Home;

    /// <summary>Browsers read <c>//host</c> and <c>/\host</c> as other hosts, and pass over tabs and line ends.</summary>
    public static bool IsLocal(string text) =>
        text.Length is > 0 and <= Longest && text[0] is '/' && (text.Length is 1 || text[1] is not '/') && text.All(c => c is > ' ' and <= '~' and not '\\');

    /// <summary>A page with the path to come back to.</summary>
    public static string WithReturn(string page, string back) => back is Home ? page : $"{page}?return={Uri.EscapeDataString(back)}";
}
