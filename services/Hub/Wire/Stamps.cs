using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;

namespace ModelGarden.Hub.Wire;

/// <summary>Dates and ids as the protocol writes them.</summary>
internal static class Stamps
{
    /// <summary>UTC with a literal Z: clients refuse anything else.</summary>
    public static string? ToWire(this Timestamp? time) =>
        time?.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>24 hexadecimal digits that stand for one of our ids, always the same ones.</summary>
    public static string ShortId(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..24];
}
