using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Pickles;

/// <summary>
/// Reads bytes that should be something else as if they were a pickle, for a loader might. Only imports count, and what is done with them: bytes of a tensor
/// can be opcodes by accident, but they name no modules by accident.
/// </summary>
internal static class SecondReading
{
    private const int CostOfPickle = 64;

    /// <summary>Looks from where the reader stands, and leaves it there. Only for streams that can seek.</summary>
    /// <param name="reader">Of the file.</param>
    /// <param name="findings">Where imports are said.</param>
    /// <param name="walk">Its bounds.</param>
    /// <param name="shouldBe">What the bytes should be.</param>
    /// <param name="before">The machine that followed the pickle up to here, when they stand inside one.</param>
    public static void Look(ByteReader reader, Findings findings, Walk walk, ShouldBe shouldBe = ShouldBe.Bytes, PickleMachine? before = null)
    {
        var position = reader.Position;
        if (walk.SecondReadings <= 0)
        {
            SayTooLong(findings, position);
            return;
        }

        using (var again = reader.Again())
        {
            var told = findings.Through(finding => finding with { Message = $"bytes that should be no pickle are one: {finding.Message}", Offset = position + finding.Offset });
            Follow(again, told, walk, new(walk) { ShouldBe = shouldBe, Before = before });
            Say(again.Failure, findings, position);
        }

        reader.SeekTo(position);
    }

    /// <summary>As <see cref="Look"/>, of the first bytes of something that goes on; false when they do not tell.</summary>
    public static bool LookIntoHead(ReadOnlyMemory<byte> head, long length, Findings findings, Walk walk, ShouldBe shouldBe)
    {
        var told = findings.Through(finding => finding with { Message = $"bytes that should be no pickle are one: {finding.Message}" });
        using var stream = new HeadStream(head);
        using var reader = new ByteReader(stream, length, walk.CancellationToken);
        Follow(reader, told, walk, new(walk) { ShouldBe = shouldBe });
        Say(reader.Failure, findings, 0);
        return !stream.IsExhausted || reader.Failure?.Rule is not ("file.truncated" or "pickle.no-stop");
    }

    // Some loaders load again and again: torch reads its oldest files so.
    private static void Follow(ByteReader reader, Findings findings, Walk walk, PickleOptions options)
    {
        for (var goesOn = true; goesOn && reader is { Failed: false, Remaining: > 0 };)
        {
            if (walk.SecondReadings <= 0)
            {
                reader.Fail("pickle.too-long", "the bytes are too many pickles");
                return;
            }

            var machine = new PickleMachine(reader, findings, options with { MaximumOpcodes = walk.SecondReadings });
            goesOn = machine.Run() && machine.Gave;
            walk.SecondReadings -= machine.Opcodes + CostOfPickle;
            options = options with { Before = null };
        }
    }

    // Every other fault ends a loader's reading too.
    private static void Say(Finding? failure, Findings findings, long position)
    {
        if (failure?.Rule == "pickle.too-long")
        {
            SayTooLong(findings, position);
        }
        else if (failure?.Rule == "examination.time")
        {
            findings.Add(failure);
        }
    }

    private static void SayTooLong(Findings findings, long position) =>
        findings.Suspicious("examination.limit", $"more than {Walk.MaximumSecondReadings} opcodes in bytes that should be tensors: nobody looks further", position);
}
