using System.Buffers.Binary;
using System.Globalization;
using ModelGarden.Kernel;

namespace ModelGarden.Xet;

/// <summary>
/// A hash of the Xet format: 32 bytes, which are four little-endian words; its text is those words as 16 lowercase hexadecimal digits each, so
/// the bytes come reversed within each group of eight. The default value is the hash of 64 zeros.
/// </summary>
public readonly record struct XetHash : IParsableId<XetHash>
{
    /// <summary>How many bytes a hash has.</summary>
    public const int Size = 32;

    /// <summary>How many characters its text has.</summary>
    public const int TextLength = 64;

    private const int DigitsOfAWord = 16;

    private readonly ulong _word0;
    private readonly ulong _word1;
    private readonly ulong _word2;
    private readonly ulong _word3;

    private XetHash(ulong word0, ulong word1, ulong word2, ulong word3) => (_word0, _word1, _word2, _word3) = (word0, word1, word2, word3);

    public bool IsZero => (_word0 | _word1 | _word2 | _word3) == 0;

    public static XetHash FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == Size
        ? new(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]))
        : throw new ArgumentException($"a xet hash has {Size} bytes, not {bytes.Length}", nameof(bytes));

    public static Result<XetHash> Create(string? text) => TryParse(text, out var hash)
        ? hash
        : Error.Invalid("BAD_XET_HASH", $"'{Text.Shorten(text)}' is not a xet hash: 64 lowercase hexadecimal digits are expected");

    public static XetHash Parse(string text) => Create(text).OrThrow();

    public static bool TryParse(ReadOnlySpan<char> text, out XetHash hash)
    {
        hash = default;
        if (text.Length != TextLength
            || !TryParseWord(text, 0, out var word0) || !TryParseWord(text, 1, out var word1)
            || !TryParseWord(text, 2, out var word2) || !TryParseWord(text, 3, out var word3))
        {
            return false;
        }

        hash = new(word0, word1, word2, word3);
        return true;
    }

    /// <summary>A shard keeps a file's SHA-256 as the hash whose <em>text</em> is the digest's: its bytes are swapped word by word.</summary>
    public static XetHash FromSha256(Sha256Digest digest) => Parse(digest.Hex);

    public Sha256Digest ToSha256() => Sha256Digest.Create(ToString()).OrThrow();

    /// <summary>The word at <paramref name="index"/>, 0 to 3. "Hash modulo n" of the specification is of word 3.</summary>
    public ulong Word(int index) => index switch
    {
        0 => _word0,
        1 => _word1,
        2 => _word2,
        3 => _word3,
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "a xet hash has words 0 to 3"),
    };

    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < Size)
        {
            throw new ArgumentException($"a xet hash needs {Size} bytes, {destination.Length} are there", nameof(destination));
        }

        BinaryPrimitives.WriteUInt64LittleEndian(destination, _word0);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], _word1);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], _word2);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], _word3);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Writes the text as ASCII, <see cref="TextLength"/> bytes.</summary>
    public void FormatTo(Span<byte> ascii)
    {
        FormatWord(_word0, ascii);
        FormatWord(_word1, ascii[DigitsOfAWord..]);
        FormatWord(_word2, ascii[(2 * DigitsOfAWord)..]);
        FormatWord(_word3, ascii[(3 * DigitsOfAWord)..]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_word0:x16}{_word1:x16}{_word2:x16}{_word3:x16}");

    private static void FormatWord(ulong word, Span<byte> ascii)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, word);
        Convert.TryToHexStringLower(bytes, ascii, out _);
    }

    private static bool TryParseWord(ReadOnlySpan<char> text, int index, out ulong word)
    {
        word = 0;
        foreach (var digit in text.Slice(index * DigitsOfAWord, DigitsOfAWord))
        {
            if (!char.IsAsciiHexDigitLower(digit))
            {
                return false;
            }

            word = (word << 4) | (uint)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        }

        return true;
    }
}
