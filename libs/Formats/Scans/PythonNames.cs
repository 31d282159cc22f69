using System.Text;

namespace ModelGarden.Formats.Scans;

/// <summary>
/// Python reads names in their compatibility form (NFKC), in which letters of other alphabets spell the same name. Only what becomes plain letters matters
/// here, so this is a table of that, and works where the system's own tables are left out.
/// </summary>
internal static class PythonNames
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string From = "ªºſʰʲʳʷʸˡˢˣᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁᵂᵃᵇᵈᵉᵍᵏᵐᵒᵖᵗᵘᵛᵢᵣᵤᵥᶜᶠᶻⁱⁿₐₑₒₓₕₖₗₘₙₚₛₜℂℊℋℌℍℎℐℑℒℓℕℙℚℛℜℝℤℨ\u212AℬℭℯℰℱℳℴℹⅅⅆⅇⅈⅉⅠⅤⅩⅬⅭⅮⅯⅰⅴⅹⅼⅽⅾⅿⱼⱽꟲꟳꟴ︳︴﹍﹎﹏";
    private const string To = "aoshjrwylsxABDEGHIJKLMNOPRTUWabdegkmoptuviruvcfzinaeoxhklmnpstCgHHHhIILlNPQRRRZZKBCeEFMoiDdeijIVXLCDMivxlcdmjVCFQ_____";

    private static readonly Dictionary<int, string> Ligatures = new()
    {
        [0x132] = "IJ", [0x133] = "ij", [0x1C7] = "LJ", [0x1C8] = "Lj", [0x1C9] = "lj", [0x1CA] = "NJ", [0x1CB] = "Nj", [0x1CC] = "nj", [0x1F1] = "DZ", [0x1F2] = "Dz", [0x1F3] = "dz",
        [0x2161] = "II", [0x2163] = "IV", [0x2165] = "VI", [0x2168] = "IX", [0x216A] = "XI", [0x2171] = "ii", [0x2173] = "iv", [0x2175] = "vi", [0x2178] = "ix", [0x217A] = "xi",
        [0xFB00] = "ff", [0xFB01] = "fi", [0xFB02] = "fl", [0xFB03] = "ffi", [0xFB04] = "ffl", [0xFB05] = "st", [0xFB06] = "st",
    };

    /// <summary>The text as Python reads its names; the same object when nothing in it is spelled otherwise.</summary>
    public static string Fold(string text)
    {
        StringBuilder? folded = null;
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!rune.IsAscii && Plain(rune.Value) is { } plain)
            {
                folded ??= new StringBuilder(text.Length).Append(text, 0, at);
                folded.Append(plain);
            }
            else
            {
                folded?.Append(rune);
            }

            at += rune.Utf16SequenceLength;
        }

        return folded?.ToString() ?? text;
    }

    private static string? Plain(int rune) => rune switch
    {
        >= 0x1D400 and < 0x1D6A4 => Letters[(rune - 0x1D400) % 52].ToString(),
        >= 0x1D7CE and < 0x1D800 => ((rune - 0x1D7CE) % 10).ToString(System.Globalization.CultureInfo.InvariantCulture),
        >= 0xFF01 and <= 0xFF5E => ((char)(rune - 0xFEE0)).ToString(),
        _ when Ligatures.TryGetValue(rune, out var letters) => letters,
        <= char.MaxValue when From.IndexOf((char)rune, StringComparison.Ordinal) is >= 0 and var known => To[known].ToString(),
        _ => null,
    };
}
