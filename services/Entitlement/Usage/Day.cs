using System.Globalization;

namespace ModelGarden.Entitlement.Usage;

/// <summary>Days are UTC's, written YYYY-MM-DD.</summary>
internal static class Day
{
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
