using System.Buffers;
using System.Text;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Terms;

/// <summary>
/// Makes the keys that terms are sorted by: the space, then the text as UTF-8. A value's text is itself in capitals, by which it is found whatever its case, a byte
/// that UTF-8 never has, and its spelling: the spellings of a value stand together. A whole name's text is it, a zero byte, and its id; of an id that is a number in hexadecimal, as
/// Catalog's are, that byte that UTF-8 never has, and the number.
/// </summary>
internal static class TermKey
{
    /// <summary>The weight of a name's word that is nowhere else in the repository.</summary>
    public const byte InNameAlone = 1;

    /// <summary>The weight of a name's word that is in another text of it too.</summary>
    public const byte ElsewhereToo = 2;
    private const byte AfterValue = 0xFF;
    private const byte BeforeNumber = 0xFF;
    private const byte AfterName = 0;
    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");

    public static TermSpace SpaceOf(Field field) => TermSpace.Values + (byte)field;

    public static byte[] Of(TermSpace space, string text) => [(byte)space, .. Encoding.UTF8.GetBytes(text)];

    /// <summary>Begins the keys of all spellings of a value.</summary>
    public static byte[] OfSpellings(Field field, string value) => [(byte)SpaceOf(field), .. Encoding.UTF8.GetBytes(value.ToUpperInvariant()), AfterValue];

    public static byte[] OfValue(Field field, string value) => [.. OfSpellings(field, value), .. Encoding.UTF8.GetBytes(value)];

    /// <summary>Begins the keys of all repositories of a name, of which there is one.</summary>
    public static byte[] OfNames(string name) => [(byte)TermSpace.FullName, .. Encoding.UTF8.GetBytes(name), AfterName];

    public static byte[] OfName(string name, string id) => [.. OfNames(name), .. IsNumber(id) ? [BeforeNumber, .. Convert.FromHexString(id)] : Encoding.UTF8.GetBytes(id)];

    /// <summary>The whole name in a name's key, as UTF-8.</summary>
    public static ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> key) => key[1..key.IndexOf(AfterName)];

    /// <summary>What comes before the spelling in a value's key: the same for all spellings.</summary>
    public static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> key) => key[..key.IndexOf(AfterValue)];

    /// <summary>The spelling in a value's key, as UTF-8.</summary>
    public static ReadOnlySpan<byte> SpellingIn(ReadOnlySpan<byte> key) => key[(key.IndexOf(AfterValue) + 1)..];

    /// <summary>The first key behind all those that begin so.</summary>
    public static byte[] After(ReadOnlySpan<byte> prefix)
    {
        var last = prefix.LastIndexOfAnyExcept(byte.MaxValue);
        byte[] after = [.. prefix[..(last + 1)]];
        after[last]++;
        return after;
    }

    private static bool IsNumber(string id) => id.Length % 2 is 0 && !id.AsSpan().ContainsAnyExcept(Hexadecimal);
}
