using ModelGarden.Formats.IO;
using ModelGarden.Formats.Pickles;

namespace ModelGarden.Formats.Numpy;

/// <summary>
/// Arrays in NumPy's own format, one or several behind one another: a Python dictionary as text, then the elements, which are a pickle when they are
/// objects.
/// </summary>
internal sealed class NumpyExaminer(ByteReader reader, Findings findings, Walk walk)
{
    private const int MaximumHeader = 60 * 1024;
    private const int MaximumArrays = 10_000;

    public void Examine()
    {
        for (var count = 1; reader.Remaining > 0 && !reader.Failed; count++)
        {
            if (count > MaximumArrays)
            {
                reader.Fail("numpy.too-many", $"more than {MaximumArrays} arrays follow one another");
            }
            else if (!NumpyHeader.Begins(reader.Peek(6)))
            {
                Trailing();
                return;
            }
            else if (!ExamineArray())
            {
                return;
            }
        }
    }

    // False when what follows was looked at.
    private bool ExamineArray()
    {
        reader.Skip(6);
        var (major, _) = (reader.U8(), reader.U8());
        long length = major == 1 ? reader.U16() : reader.U32();
        if (major is < 1 or > 3 || length > MaximumHeader)
        {
            reader.Fail("numpy.header", $"version {major} with a header of {length} bytes: up to 3 and {MaximumHeader} are known");
            return false;
        }

        var header = NumpyHeader.Parse(reader.Take((int)length));
        if (reader.Failed)
        {
            return false;
        }

        if (header is null)
        {
            findings.Suspicious("numpy.header", "the header does not say plainly what the elements are: they may be objects, which are a pickle", reader.Position);
            LookTwice();
            return false;
        }

        if (header.HasObjects)
        {
            new PickleExaminer(reader, findings, walk).Examine();
            return false;
        }

        reader.Skip(header.Bytes);
        return true;
    }

    // A loader that loads again, or another one, sees it.
    private void Trailing()
    {
        findings.Suspicious("numpy.trailing", $"{reader.Remaining} bytes follow the array, and are none", reader.Position);
        if (PickleRecognition.Matches(reader.Peek(ByteReader.Window), reader.Remaining))
        {
            new PickleExaminer(reader, findings, walk).Examine();
        }
        else
        {
            LookTwice();
        }
    }

    private void LookTwice()
    {
        if (reader.CanSeek)
        {
            SecondReading.Look(reader, findings, walk);
        }
    }
}
