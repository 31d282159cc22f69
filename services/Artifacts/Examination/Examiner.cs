using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Contracts.V1;
using ModelGarden.Formats;
using ModelGarden.Scanning;
using Finding = ModelGarden.Contracts.V1.Finding;
using Verdict = ModelGarden.Contracts.V1.Verdict;

namespace ModelGarden.Artifacts.Examination;

/// <summary>Has stored files examined by <see cref="FileExaminer"/>, and by the scanners that are configured, within a time.</summary>
internal sealed partial class Examiner(IOptions<ArtifactsOptions> options, FileScanners scanners, ArtifactsMetrics metrics, TimeProvider clock, ILogger<Examiner> logger)
{
    private readonly ArtifactsOptions _options = options.Value;

    /// <summary>Names and versions of all who look, such as <c>garden-formats/3+clamav/1</c>: files whose verdict is another's are examined again.</summary>
    public string Current { get; } = scanners.Signature is "" ? FileExaminer.Rules : $"{FileExaminer.Rules}+{scanners.Signature}";

    /// <summary>What this examiner has to look at again: what another has said by rules that are no newer.</summary>
    public bool IsOutdated(string examiner) => examiner != Current && FileExaminer.RulesOf(examiner) <= FileExaminer.RulesVersion;

    /// <summary>For an upload that waits: a file that takes longer than <see cref="ArtifactsOptions.ExaminationPatience"/>, or that a scanner cannot look at now, stays pending.</summary>
    public async Task<StoredFile> ExamineSoonAsync(string sha256, FileReader file, CancellationToken cancellationToken)
    {
        try
        {
            if (await ExamineAsync(sha256, file, _options.ExaminationPatience, cancellationToken) is { } examined)
            {
                return examined;
            }
        }
        catch (ScannerUnavailableException exception)
        {
            LogUnavailable(exception, sha256);
        }

        return new() { Sha256 = sha256, Size = file.Length, Verdict = Verdict.Pending };
    }

    /// <summary>For work in the background: a file that takes longer than <see cref="ArtifactsOptions.ExaminationLimit"/> is suspicious for that.</summary>
    /// <exception cref="ScannerUnavailableException">A scanner cannot look at it now: to be tried again.</exception>
    public async Task<StoredFile> ExamineFullyAsync(string sha256, FileReader file, CancellationToken cancellationToken) =>
        await ExamineAsync(sha256, file, _options.ExaminationLimit, cancellationToken) ?? Signed(new()
        {
            Sha256 = sha256,
            Size = file.Length,
            Verdict = Verdict.Suspicious,
            Findings = { new Finding { Rule = "EXAMINATION_TIMEOUT", Severity = "suspicious", Message = $"the examination took longer than {_options.ExaminationLimit}" } },
        });

    /// <summary>Null: not done within the limit.</summary>
    private async Task<StoredFile?> ExamineAsync(string sha256, FileReader file, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            // Scanners first: one that does not answer costs no examination each time.
            var found = await scanners.ScanAsync(file.OpenStream, file.Length, either.Token);
            await using var content = file.OpenStream();
            var examination = await FileExaminer.ExamineAsync("", content, file.Length, either.Token);
            var report = FileReport.Of(file.Length, examination with { Findings = [.. found, .. examination.Findings] });
            report.Sha256 = sha256;
            return Signed(report);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception) when (IsOfAParser(exception))
        {
            LogFailed(exception, sha256);
            return Signed(new()
            {
                Sha256 = sha256,
                Size = file.Length,
                Verdict = Verdict.Suspicious,
                Findings = { new Finding { Rule = "EXAMINER_FAILED", Severity = "suspicious", Message = $"the examination itself failed over this file ({exception.GetType().Name}): nobody knows what is in it" } },
            });
        }
    }

    /// <summary>What bytes do to code that did not expect them; not what a disk, a database or a network does, which is another time's matter.</summary>
    private static bool IsOfAParser(Exception exception) => exception is ArgumentException or IndexOutOfRangeException or InvalidCastException or OverflowException or FormatException
        or KeyNotFoundException or NullReferenceException or InvalidDataException or NotSupportedException or System.Text.Json.JsonException;

    private StoredFile Signed(StoredFile file)
    {
        file.Examiner = Current;
        file.ExaminedAt = clock.GetUtcNow().ToTimestamp();
        metrics.Examined(file.Verdict);
        return file;
    }

    [LoggerMessage(503, LogLevel.Warning, "file {Sha256} stays pending: a scanner cannot look at it now")]
    private partial void LogUnavailable(Exception exception, string sha256);

    [LoggerMessage(503, LogLevel.Error, "the examination of file {Sha256} failed: it counts as suspicious")]
    private partial void LogFailed(Exception exception, string sha256);
}
