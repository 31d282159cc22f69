using Microsoft.Extensions.Logging.Abstractions;
using ModelGarden.Catalog.Facts;
using ModelGarden.Formats;
using ModelGarden.Kernel;
using ModelGarden.Scanning;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>A commit does not wait for scanners that hang.</summary>
public sealed class SmallFileScanTests
{
    private readonly ManualClock _clock = new();
    private readonly SilentScanner _scanner = new();

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Look_AtAScannerThatHangs_TakesTenSecondsOnceInHalfAMinute()
    {
        var scans = new SmallFileScans(new([_scanner]), _clock, NullLogger<SmallFileScan>.Instance);
        var first = scans.Begin();
        var look = LookAsync(first, 1);
        await _scanner.Asked.Task.InTimeAsync();
        Assert.False(look.IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Null(await look.InTimeAsync());
        Assert.True(first.IsIncomplete);
        Assert.Null(await LookAsync(first, 2));
        Assert.Null(await LookAsync(scans.Begin(), 3));
        Assert.Equal(1, _scanner.Times);
        _clock.Advance(TimeSpan.FromSeconds(30));
        _scanner.Answers = true;
        Assert.Empty((await LookAsync(scans.Begin(), 4))!);
    }

    [Fact]
    public async Task Look_ThatIsCancelled_IsNoFaultOfTheScanner()
    {
        using var cancelled = new CancellationTokenSource();
        var scan = new SmallFileScans(new([_scanner]), _clock, NullLogger<SmallFileScan>.Instance).Begin();
        var look = scan.LookAsync(Id(1), [1], cancelled.Token);
        await _scanner.Asked.Task.InTimeAsync();

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => look);
        Assert.False(scan.IsIncomplete);
    }

    private static ObjectId Id(byte content) => ObjectId.Of("blob", [content]);

    private static Task<IReadOnlyList<Finding>?> LookAsync(SmallFileScan scan, byte content) => scan.LookAsync(Id(content), [content], Cancel);

    private sealed class SilentScanner : IFileScanner
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Times { get; private set; }

        public bool Answers { get; set; }

        public string? Signature => "silent/1";

        public async Task<IReadOnlyList<Finding>> ScanAsync(Stream content, long length, CancellationToken cancellationToken)
        {
            Times++;
            Asked.TrySetResult();
            if (!Answers)
            {
                // Until it is cancelled: a scanner that says nothing.
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return [];
        }
    }
}
