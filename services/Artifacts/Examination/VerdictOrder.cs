using System.Diagnostics;
using System.Globalization;
using ModelGarden.Contracts.V1;
using ModelGarden.Formats;
using Verdict = ModelGarden.Contracts.V1.Verdict;

namespace ModelGarden.Artifacts.Examination;

/// <summary>Which of two examinations of one file counts, whichever was written first.</summary>
internal static class VerdictOrder
{
    /// <summary>
    /// Newer rules replace what older ones said. Of the same rules the less severe counts, or of two as severe the one that knows facts: names only add to what bytes
    /// prove. One that is not done replaces none.
    /// </summary>
    public static bool Replaces(StoredFile examined, StoredFile known)
    {
        if (examined.Verdict is Verdict.Pending || RulesOf(examined.Examiner) < RulesOf(known.Examiner))
        {
            return false;
        }

        return known.Verdict is Verdict.Pending || examined.Examiner != known.Examiner || SaysMore(examined, known);
    }

    /// <summary>The version of this garden's rules that an examiner went by; 0: of none.</summary>
    public static int RulesOf(string examiner)
    {
        var own = examiner.Split('+')[0];
        return own.StartsWith($"{FileExaminer.Name}/", StringComparison.Ordinal) && int.TryParse(own[(FileExaminer.Name.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : 0;
    }

    private static bool SaysMore(StoredFile examined, StoredFile known) => (Severity(examined), Severity(known)) switch
    {
        var (now, before) when now != before => now < before,
        _ => (examined.Facts?.CalculateSize() ?? 0) > (known.Facts?.CalculateSize() ?? 0),
    };

    private static int Severity(StoredFile file) => file.Verdict switch
    {
        Verdict.Clean => 0,
        Verdict.Suspicious => 1,
        Verdict.Malicious => 2,
        _ => throw new UnreachableException($"a file that is examined has no verdict {file.Verdict}"),
    };
}
