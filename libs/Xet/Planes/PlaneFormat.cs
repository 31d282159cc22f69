namespace ModelGarden.Xet;

/// <summary>
/// The numbers of the plane encoding, which is this library's own: a byte of version, then for each of the four byte groups a byte of kind and
/// what the kind says. Raw: the group. Constant: its one byte. Coded: 32 bytes of which values occur, four bits for each one's code length, u24
/// for the length of each of the first three streams, and of the whole; then four streams, each of a quarter of the group.
/// </summary>
internal static class PlaneFormat
{
    public const byte Version = 1;
    public const byte Raw = 0;
    public const byte Constant = 1;
    public const byte Coded = 2;

    public const int Streams = 4;

    /// <summary>The longest code, in bits.</summary>
    public const int LongestCode = 11;

    public const int PresenceLength = 256 / 8;
    public const int LengthsLength = 3 * Streams;

    /// <summary>How many bytes a group gives to each of its first streams; the last one takes the rest.</summary>
    public static int Quarter(int length) => (length + Streams - 1) / Streams;

    /// <summary>Where stream <paramref name="number"/> of a group of <paramref name="length"/> bytes begins.</summary>
    public static int StreamStart(int length, int number) => Math.Min(length, number * Quarter(length));
}
