using System.Buffers;
using System.Globalization;

namespace ModelGarden.Formats.Pickles;

/// <summary>Judges an import by its module and name.</summary>
internal static class GlobalPolicy
{
    public const int LongestName = 512;

    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.");

    public static GlobalVerdict Judge(string module, string name)
    {
        if (module.Length + name.Length > LongestName)
        {
            return new(null, null, $"its name has {module.Length + name.Length} characters");
        }

        var fullName = $"{module}.{name}";
        if (DangerousGlobals.Danger(module.Trim(), name.Trim()) is { } danger)
        {
            return new(null, danger, null);
        }

        return Oddity(module, name) is { } oddity ? new(null, null, oddity) : new(AllowedGlobals.Find(fullName), null, null);
    }

    /// <summary>A module or an attribute may be called that: letters, digits and underscores of any script, and dots.</summary>
    public static bool IsSpelledAsName(GlobalNode global) =>
        global is { Module.Length: > 0, Attribute.Length: > 0 } && global.Module.All(IsOfName) && global.Attribute.All(IsOfName);

    private static bool IsOfName(char c) => c is '_' or '.' || char.IsLetterOrDigit(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.ConnectorPunctuation;

    // An attribute of an attribute reaches what a module itself has imported: every module has some of them.
    private static string? Oddity(string module, string name)
    {
        if (module.Length == 0 || name.Length == 0)
        {
            return "a name is empty";
        }

        var both = module + name;
        if (both.AsSpan().IndexOfAnyExcept(Plain) is >= 0 and var at)
        {
            return $"its name has the character U+{(int)both[at]:X4}, which is there to be misread";
        }

        return name.Contains('.') ? "the name goes through an attribute of the module to another" : null;
    }
}
