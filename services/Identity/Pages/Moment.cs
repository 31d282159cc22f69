using System.Globalization;

namespace ModelGarden.Identity.Pages;

/// <summary>Times as pages show them: without script nobody knows the reader's zone.</summary>
internal static class Moment
{
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
