using System.Buffers;

namespace ModelGarden.Formats.Pickles;

/// <summary>Judges an import by its module and name.</summary>
internal static class GlobalPolicy
{
    private const int LongestName = 512;

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
