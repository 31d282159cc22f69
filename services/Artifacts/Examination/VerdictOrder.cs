using ModelGarden.Contracts.V1;
using ModelGarden.Formats;
using Verdict = ModelGarden.Contracts.V1.Verdict;

namespace ModelGarden.Artifacts.Examination;

/// <summary>Which of two examinations of one file counts, whichever was written first.</summary>
internal static class VerdictOrder
{
    /// <summary>Newer rules replace what older ones said, never the other way round, and another examiner of the same rules the one before. One that is not done replaces none.</summary>
    public static bool Replaces(StoredFile examined, StoredFile known) =>
        examined.Verdict is not Verdict.Pending && FileExaminer.RulesOf(examined.Examiner) >= FileExaminer.RulesOf(known.Examiner)
        && (known.Verdict is Verdict.Pending || examined.Examiner != known.Examiner);
}
