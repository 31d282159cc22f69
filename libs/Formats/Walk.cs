using ModelGarden.Formats.IO;

namespace ModelGarden.Formats;

/// <summary>
/// The bounds that everything inside one file shares, however deep it lies: depth, members, bytes unpacked, memory, time. What exceeds one says so with a
/// finding and is looked at no further.
/// </summary>
internal sealed class Walk(TimeProvider clock, CancellationToken cancellationToken)
{
    public const int MaximumDepth = 6;
    public const int MaximumMembers = 100_000;
    public const long MaximumUnpacked = 8L * 1024 * 1024 * 1024;
    public const int MaximumRatio = 250;

    /// <summary>An archive this small may be packed as well as it can be.</summary>
    public const long RatioMatters = 100L * 1024 * 1024;

    /// <summary>What may be held at once of members that must be unpacked to be looked into.</summary>
    public const int MaximumBuffered = 32 * 1024 * 1024;

    /// <summary>Opcodes spent on reading bytes that are no pickle as if they were one.</summary>
    public const long MaximumSecondReadings = 50_000_000;

    public static readonly TimeSpan MaximumTime = TimeSpan.FromMinutes(10);
    private readonly long _start = clock.GetTimestamp();
    private long _unpacked;
    private int _members;

    public Walk(CancellationToken cancellationToken)
        : this(TimeProvider.System, cancellationToken)
    {
    }

    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>How many containers lie around what is looked at now.</summary>
    public int Depth { get; private set; }

    public int Buffered { get; private set; }

    /// <summary>The checkpoint that the file itself turned out to be.</summary>
    public Torch.TorchCheckpoint? Checkpoint { get; set; }

    public long SecondReadings { get; set; } = MaximumSecondReadings;

    /// <summary>Ends the reading when the time is over.</summary>
    public void Check(ByteReader reader)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (clock.GetElapsedTime(_start) > MaximumTime)
        {
            reader.Fail("examination.time", $"the examination takes longer than {MaximumTime.TotalMinutes} minutes");
        }
    }

    /// <summary>Goes one container deeper, for one member; null, and said why, when that exceeds a bound.</summary>
    public IDisposable? Enter(Findings findings)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var fault = Depth >= MaximumDepth ? $"containers lie more than {MaximumDepth} deep in one another"
            : ++_members > MaximumMembers ? $"the file has more than {MaximumMembers} members in all"
            : clock.GetElapsedTime(_start) > MaximumTime ? $"the examination takes longer than {MaximumTime.TotalMinutes} minutes"
            : null;
        if (fault is not null)
        {
            findings.Suspicious("examination.limit", $"{fault}: nobody looks further");
            return null;
        }

        Depth++;
        return new Level(this, 1, 0);
    }

    /// <summary>Counts bytes unpacked; false when there are too many.</summary>
    public bool Unpack(long count) => (_unpacked += count) <= MaximumUnpacked;

    /// <summary>Reserves memory until the answer is disposed; null when there is not as much.</summary>
    public IDisposable? Reserve(long count)
    {
        if (count > MaximumBuffered - Buffered)
        {
            return null;
        }

        Buffered += (int)count;
        return new Level(this, 0, (int)count);
    }

    private sealed class Level(Walk walk, int depth, int buffered) : IDisposable
    {
        public void Dispose()
        {
            walk.Depth -= depth;
            walk.Buffered -= buffered;
        }
    }
}
