using System.Text;
using System.Text.RegularExpressions;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Pickles;

namespace ModelGarden.Formats.Numpy;

/// <summary>An array in NumPy's own format: a Python dictionary as text, then the elements, which are a pickle when they are objects.</summary>
internal sealed partial class NumpyExaminer(ByteReader reader, Findings findings, Walk walk)
{
    private const int MaximumHeader = 60 * 1024;

    public void Examine()
    {
        reader.Skip(6);
        var (major, _) = (reader.U8(), reader.U8());
        long length = major == 1 ? reader.U16() : reader.U32();
        if (major is < 1 or > 3 || length > MaximumHeader)
        {
            reader.Fail("numpy.header", $"version {major} with a header of {length} bytes: up to 3 and {MaximumHeader} are known");
            return;
        }

        var header = Encoding.Latin1.GetString(reader.Take((int)length));
        if (reader.Failed)
        {
            return;
        }

        switch (ElementsOf(header))
        {
            case Elements.Objects:
                new PickleExaminer(reader, findings, walk).Examine();
                break;
            case Elements.Unclear:
                findings.Suspicious("numpy.header", "the header does not say plainly what the elements are: they may be objects, which are a pickle", 10);
                LookTwice();
                break;
            default:
                break;
        }
    }

    private enum Elements
    {
        Numbers,
        Objects,
        Unclear,
    }

    // NumPy evaluates the header as Python, so a type can be spelled in many ways: only the plain ones are taken for what they say.
    private static Elements ElementsOf(string header)
    {
        if (header.Contains('\\', StringComparison.Ordinal) || Description().Match(header) is not { Success: true } match || header.IndexOf("descr", match.Index + match.Length, StringComparison.Ordinal) >= 0)
        {
            return Elements.Unclear;
        }

        var type = match.Groups["type"];
        if (type.Success)
        {
            return NumpyRules.IsObject(type.Value) ? Elements.Objects : NumpyRules.ItemSize(type.Value) is null ? Elements.Unclear : Elements.Numbers;
        }

        return Types().Matches(match.Groups["fields"].Value).Any(field => NumpyRules.ItemSize(field.Value) is null) ? Elements.Objects : Elements.Numbers;
    }

    private void LookTwice()
    {
        if (reader.CanSeek)
        {
            SecondReading.Look(reader, findings, walk);
        }
    }

    [GeneratedRegex("""^\s*\{\s*'descr':\s*(?:'(?<type>[^']*)'|(?<fields>\[[^\]]*\])),""")]
    private static partial Regex Description();

    // The second text of a field is its type.
    [GeneratedRegex("""(?<=',\s*')[^']*(?=')""")]
    private static partial Regex Types();
}
