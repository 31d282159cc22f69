using System.Buffers.Binary;

namespace ModelGarden.Catalog.Packs;

/// <summary>A git object id in 20 bytes: a pack may hold a million of them.</summary>
internal readonly record struct PackedId(ulong High, ulong Middle, uint Low)
{
    public const int Size = 20;

    /// <summary>Of 40 lowercase hexadecimal digits that are known to be such.</summary>
    public static PackedId Of(string hex)
    {
        Span<byte> bytes = stackalloc byte[Size];
        Convert.FromHexString(hex, bytes, out _, out _);
        return Of((ReadOnlySpan<byte>)bytes);
    }

    /// <summary>Of 20 bytes.</summary>
    public static PackedId Of(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]));

    public static PackedId Of(ObjectId id) => Of(id.Hex);

    /// <summary>Null: no object id.</summary>
    public static PackedId? Read(string text) => ObjectId.Create(text) is { Error: null } id ? Of(id.Value) : null;

    public string Hex => string.Create(null, stackalloc char[40], $"{High:x16}{Middle:x16}{Low:x8}");

    // Ids are evenly spread as they are.
    public override int GetHashCode() => (int)High;

    public override string ToString() => Hex;
}
