using Google.Protobuf.WellKnownTypes;

namespace ModelGarden.Catalog;

/// <summary>Times as callers say them.</summary>
internal static class Moments
{
    private static readonly long First = DateTimeOffset.MinValue.ToUnixTimeSeconds();
    private static readonly long Last = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>Why a field is no time, BAD_DATE naming it; null: it is one, or was not set.</summary>
    public static Error? Fault(string field, Timestamp? time) => time is null || (time.Seconds >= First && time.Seconds <= Last && time.Nanos is >= 0 and < 1_000_000_000)
        ? null
        : Error.Invalid("BAD_DATE", $"{field}, {time.Seconds} seconds and {time.Nanos} nanoseconds since 1970, is no time: one between the years 1 and 9999 is expected, with 0 to 999,999,999 nanoseconds");
}
