namespace ModelGarden.Formats.Tests;

/// <summary>Short ways to examine bytes made in a test.</summary>
internal static class Checks
{
    public static Examination Examine(string name, byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return FileExaminer.Examine(name, stream, bytes.Length, TestContext.Current.CancellationToken);
    }

    /// <summary>Holds that the file is withheld, for that reason among others.</summary>
    public static Finding AssertSuspicious(Examination examination, string rule)
    {
        Assert.True(examination.Findings.Any(finding => finding.Rule == rule), $"expected {rule}, found: {string.Join("; ", examination.Findings)}");
        Assert.Equal(Verdict.Suspicious, examination.Verdict);
        return examination.Findings.First(finding => finding.Rule == rule);
    }

    /// <summary>Holds that the file is refused for good, for that reason among others.</summary>
    public static Finding AssertMalicious(Examination examination, string rule)
    {
        Assert.True(
            examination.Findings.Any(finding => finding.Rule == rule && finding.Severity == FindingSeverity.Malicious), $"expected {rule}, found: {string.Join("; ", examination.Findings)}");
        Assert.Equal(Verdict.Malicious, examination.Verdict);
        return examination.Findings.First(finding => finding.Rule == rule && finding.Severity == FindingSeverity.Malicious);
    }

    /// <summary>Holds that the file may be served, and comes with that warning alone.</summary>
    public static Finding AssertWarned(Examination examination, string rule)
    {
        var finding = Assert.Single(examination.Findings);
        Assert.Equal((rule, FindingSeverity.Warning, Verdict.Clean), (finding.Rule, finding.Severity, examination.Verdict));
        return finding;
    }

    public static void AssertClean(Examination examination, FileFormat format)
    {
        Assert.Empty(examination.Findings);
        Assert.Equal((Verdict.Clean, format), (examination.Verdict, examination.Format));
    }
}
