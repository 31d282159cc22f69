using ModelGarden.Formats;
using ModelGarden.Scanning;

namespace ModelGarden.Catalog.Facts;

/// <summary>
/// Has scanners look at the small files of one change, each content once however often the change is tried. It takes no longer than a change may wait: what
/// they do not come to is pending, and <see cref="SmallFileWorker"/>'s.
/// </summary>
internal sealed partial class SmallFileScan(FileScanners scanners, ScannerRest rest, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly Dictionary<ObjectId, IReadOnlyList<Formats.Finding>> _found = [];
    private readonly long _began = clock.GetTimestamp();

    /// <summary>See <see cref="FileScanners.Signature"/>.</summary>
    public string Scanners => scanners.Signature;

    /// <summary>A scanner could not look at some file.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>What they find; null: it waits for them.</summary>
    public async Task<IReadOnlyList<Formats.Finding>?> LookAsync(ObjectId oid, byte[] content, CancellationToken cancellationToken)
    {
        if (scanners.Signature is "")
        {
            return [];
        }

        if (_found.TryGetValue(oid, out var known))
        {
            return known;
        }

        // One that does not answer is asked no more: a thousand files would wait for it a thousand times.
        var left = Patience - clock.GetElapsedTime(_began);
        if (IsIncomplete || left <= TimeSpan.Zero || rest.IsOn)
        {
            IsIncomplete = true;
            return null;
        }

        using var timer = new CancellationTokenSource(left, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return _found[oid] = await scanners.ScanAsync(content, either.Token);
        }
        catch (Exception exception) when (exception is ScannerUnavailableException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogUnavailable(exception, oid);
            rest.Begin();
            IsIncomplete = true;
            return null;
        }
    }

    [LoggerMessage(404, LogLevel.Warning, "file {Oid}, and the small files behind it in its change, stay pending: a scanner cannot look at them now")]
    private partial void LogUnavailable(Exception exception, ObjectId oid);
}

/// <summary>For so long nobody waits for scanners that did not answer: one that hangs would cost every change its whole patience.</summary>
internal sealed class ScannerRest(TimeProvider clock)
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(30);
    private long _until = long.MinValue;

    public bool IsOn => clock.GetTimestamp() < Interlocked.Read(ref _until);

    public void Begin() => Interlocked.Exchange(ref _until, clock.GetTimestamp() + (long)(Length.TotalSeconds * clock.TimestampFrequency));
}

/// <summary>Begins them.</summary>
internal sealed class SmallFileScans(FileScanners scanners, TimeProvider clock, ILogger<SmallFileScan> logger)
{
    private readonly ScannerRest _rest = new(clock);

    public SmallFileScan Begin() => new(scanners, _rest, clock, logger);
}
