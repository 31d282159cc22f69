using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace ModelGarden.Hub.Wire;

/// <summary>Dates as the protocol writes them.</summary>
internal static class Stamps
{
    /// <summary>UTC with a literal Z: clients refuse anything else.</summary>
    public static string? ToWire(this Timestamp? time) =>
        time?.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
