using System.Diagnostics.CodeAnalysis;

namespace ModelGarden.Identity;

/// <summary>Names are compared without case: this is the form in which they are looked up and stand in the feed's keys.</summary>
internal static class Key
{
    [SuppressMessage("Globalization", "CA1308", Justification = "keys are lower case in the feed's contract; the names are ASCII")]
    public static string Of(string name) => name.ToLowerInvariant();

    /// <summary>It has the form of the ids that this service gives to what it makes.</summary>
    public static bool IsId(string text) => Guid.TryParseExact(text, "n", out _);
}
