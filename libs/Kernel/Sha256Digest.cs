using System.Buffers;
using System.Security.Cryptography;

namespace ModelGarden.Kernel;

/// <summary>The SHA-256 of a file's bytes as 64 lowercase hexadecimal digits: the address of a file everywhere outside Artifacts.</summary>
public readonly record struct Sha256Digest : IParsableId<Sha256Digest>
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");
    private readonly string? _hex;

    private Sha256Digest(string hex) => _hex = hex;

    public string Hex => _hex ?? throw new InvalidOperationException("default digest");

    public static Result<Sha256Digest> Create(string? text)
    {
        var hex = text?.StartsWith("sha256:", StringComparison.Ordinal) is true ? text["sha256:".Length..] : text;
        return hex is { Length: 64 } && !hex.AsSpan().ContainsAnyExcept(Digits)
            ? new Sha256Digest(hex)
            : Error.Invalid("BAD_DIGEST", $"'{Text.Shorten(text)}' is not a sha256: 64 lowercase hexadecimal digits are expected");
    }

    public static Sha256Digest Of(ReadOnlySpan<byte> bytes) => FromBytes(SHA256.HashData(bytes));

    public static Sha256Digest FromBytes(ReadOnlySpan<byte> hash) => hash.Length == SHA256.HashSizeInBytes
        ? new(Convert.ToHexStringLower(hash))
        : throw new ArgumentException("a sha256 has 32 bytes", nameof(hash));

    public override string ToString() => _hex ?? "";
}
