using ModelGarden.Artifacts.Examination;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Artifacts.Tests.Examination;

public sealed class VerdictOrderTests
{
    [Theory]
    [InlineData(Verdict.Clean, 3, Verdict.Suspicious, 3, false)]
    [InlineData(Verdict.Suspicious, 3, Verdict.Clean, 3, false)]
    [InlineData(Verdict.Clean, 3, Verdict.Clean, 3, false)]
    [InlineData(Verdict.Malicious, 3, Verdict.Clean, 2, true)]
    [InlineData(Verdict.Clean, 2, Verdict.Malicious, 3, false)]
    [InlineData(Verdict.Malicious, 10, Verdict.Clean, 9, true)]
    [InlineData(Verdict.Malicious, 3, Verdict.Pending, 0, true)]
    [InlineData(Verdict.Malicious, 3, Verdict.Pending, 2, true)]
    [InlineData(Verdict.Clean, 3, Verdict.Pending, 4, false)]
    [InlineData(Verdict.Pending, 0, Verdict.Malicious, 3, false)]
    [InlineData(Verdict.Pending, 0, Verdict.Pending, 0, false)]
    public void Replaces_ByVerdictAndRules(Verdict examined, int rules, Verdict known, int knownRules, bool replaces) =>
        Assert.Equal(replaces, VerdictOrder.Replaces(File(examined, rules), File(known, knownRules)));

    [Fact]
    public void Replaces_SameRulesWithOtherScanners_TheOneWhoLooksNow()
    {
        var scanned = File(Verdict.Malicious, 3);
        scanned.Examiner += "+clamav/1";

        Assert.True(VerdictOrder.Replaces(scanned, File(Verdict.Clean, 3)));
        Assert.True(VerdictOrder.Replaces(File(Verdict.Clean, 3), scanned));
    }

    private static StoredFile File(Verdict verdict, int rules) => new() { Verdict = verdict, Examiner = rules is 0 ? "" : $"garden-formats/{rules}" };
}
