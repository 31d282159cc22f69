using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Pickles;

/// <summary>
/// Reads bytes that should be something else as if they were a pickle, for a loader might. Only imports count: bytes of a tensor can be opcodes by
/// accident, but they name no modules by accident.
/// </summary>
internal static class SecondReading
{
    /// <summary>Looks from where the reader stands, and leaves it there. Only for streams that can seek.</summary>
    /// <param name="reader">Of the file.</param>
    /// <param name="findings">Where imports are said.</param>
    /// <param name="walk">Its bounds.</param>
    /// <param name="least">What an import must be to be said: text can name some by accident, but none that does harm.</param>
    public static void Look(ByteReader reader, Findings findings, Walk walk, FindingSeverity least = FindingSeverity.Suspicious)
    {
        var position = reader.Position;
        if (walk.SecondReadings <= 0)
        {
            findings.Suspicious("examination.limit", $"more than {Walk.MaximumSecondReadings} opcodes in bytes that should be tensors: nobody looks further", position);
            return;
        }

        using (var again = reader.Again())
        {
            var seen = new Findings();
            var machine = new PickleMachine(again, seen, new(walk) { MaximumOpcodes = walk.SecondReadings, IsSecondReading = true });
            machine.Run();
            walk.SecondReadings -= machine.Opcodes;
            foreach (var finding in seen.List.Where(finding => finding.Rule == "pickle.import" && finding.Severity >= least))
            {
                findings.Add(finding with { Message = $"bytes that should be no pickle are one: {finding.Message}", Offset = position + finding.Offset });
            }
        }

        reader.SeekTo(position);
    }
}
