using System.Diagnostics.CodeAnalysis;

namespace ModelGarden.Rights;

/// <summary>Names are compared without case: this is the form in which they are looked up and stand in the feed's keys.</summary>
public static class Key
{
    [SuppressMessage("Globalization", "CA1308", Justification = "keys are lower case in the feed's contract; the names are ASCII")]
    public static string Of(string name) => name.ToLowerInvariant();
}
