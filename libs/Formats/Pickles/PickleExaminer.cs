using ModelGarden.Formats.IO;
using ModelGarden.Formats.Torch;

namespace ModelGarden.Formats.Pickles;

/// <summary>Examines a file of pickles: one, several behind one another, or the five of a torch checkpoint of old.</summary>
internal sealed class PickleExaminer(ByteReader reader, Findings findings, Walk walk)
{
    private const int MaximumPickles = 10_000;

    public FormatFacts? Examine()
    {
        var machine = new PickleMachine(reader, findings, new(walk));
        if (!machine.Run())
        {
            return null;
        }

        if ((machine.Result.Node as BigNode)?.Value == LegacyTorch.MagicNumber)
        {
            return new LegacyTorch(reader, findings, walk).Examine();
        }

        ExamineRest();
        return null;
    }

    /// <summary>What follows a STOP: a loader that loads again, or another one, sees it.</summary>
    public void ExamineRest()
    {
        for (var count = 1; reader.Remaining > 0 && !reader.Failed; count++)
        {
            if (count == MaximumPickles)
            {
                reader.Fail("pickle.too-many", $"more than {MaximumPickles} pickles follow one another");
            }
            else if (PickleRecognition.Matches(reader.Peek(ByteReader.Window), reader.Remaining))
            {
                new PickleMachine(reader, findings, new(walk)).Run();
            }
            else
            {
                findings.Suspicious("pickle.trailing", $"{reader.Remaining} bytes follow the pickle's STOP, and are none", reader.Position);
                LookTwice();
                return;
            }
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
