using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Feeds;

namespace ModelGarden.Hub.Remembering;

/// <summary>
/// What Catalog said of files that were asked for of late, so that a file that is asked for again costs no call. Catalog's feed tells of every change of a
/// repository, and takes its answers out; while it is broken nothing is remembered.
/// </summary>
internal sealed class FileAnswers(IOptions<HubOptions> options) : ChangeListener
{
    private const int Slots = 1 << 16;

    // Repositories share these counters by hash: one that changes takes the answers of a few others out with its own, and nothing is kept for each of a million.
    private readonly long[] _slots = new long[Slots];
    private readonly int _half = options.Value.RememberedFiles / 2;
    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<FileQuestion, Remembered> _young = new();
    private volatile ConcurrentDictionary<FileQuestion, Remembered> _old = new();
    private int _count;
    private int _epoch;
    private long _changes;

    public override TimeSpan Silence { get; } = TimeSpan.FromMilliseconds(options.Value.TrustedSilenceMilliseconds);

    /// <summary>To be read before Catalog is asked.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>Null: it has to be asked.</summary>
    public FileAnswer? Find(in FileQuestion question)
    {
        if (!IsLive)
        {
            return null;
        }

        if (_young.TryGetValue(question, out var found))
        {
            return IsCurrent(found) ? found.Answer : null;
        }

        if (!_old.TryGetValue(question, out found) || !IsCurrent(found))
        {
            return null;
        }

        Put(question, found);
        return found.Answer;
    }

    /// <summary>Keeps an answer, unless something changed since before it was asked: it may be older than that.</summary>
    /// <param name="question">What was asked.</param>
    /// <param name="answer">What Catalog said.</param>
    /// <param name="changes">What <see cref="Changes"/> was before.</param>
    public void Keep(in FileQuestion question, FileAnswer answer, long changes)
    {
        if (_half is 0 || !IsLive)
        {
            return;
        }

        var (id, name) = (SlotOf(answer.RepositoryId), SlotOf(question.Repository));
        var remembered = new Remembered(answer, Volatile.Read(ref _epoch), id, Volatile.Read(ref _slots[id]), name, Volatile.Read(ref _slots[name]));
        // Read behind the counters, as a change raises its own behind this one.
        if (changes == Changes)
        {
            Put(question, remembered);
        }
    }

    /// <summary>A change that was made from here is seen here at once, before the feed tells of it.</summary>
    /// <param name="repository">By whatever name it was called.</param>
    public void Forget(string repository)
    {
        Interlocked.Increment(ref _changes);
        Interlocked.Increment(ref _slots[SlotOf(repository)]);
    }

    protected override void ForgetAll()
    {
        lock (_turn)
        {
            Interlocked.Increment(ref _changes);
            _epoch++;
            (_young, _old, _count) = (new(), new(), 0);
        }
    }

    // Keys: repository/{id}.
    protected override void Hear(Change change) => Forget(change.Key[(change.Key.IndexOf('/', StringComparison.Ordinal) + 1)..]);

    private static int SlotOf(string text) => (int)((uint)string.GetHashCode(text, StringComparison.OrdinalIgnoreCase) % Slots);

    private bool IsCurrent(Remembered found) => found.Epoch == Volatile.Read(ref _epoch) && Volatile.Read(ref _slots[found.Id]) == found.IdChanges && Volatile.Read(ref _slots[found.Name]) == found.NameChanges;

    /// <summary>What was not asked for while half of the room was filled with others goes.</summary>
    private void Put(in FileQuestion question, Remembered remembered)
    {
        if (!_young.TryAdd(question, remembered))
        {
            _young[question] = remembered;
        }
        else if (Interlocked.Increment(ref _count) >= _half)
        {
            lock (_turn)
            {
                if (_count >= _half)
                {
                    (_old, _young, _count) = (_young, new(), 0);
                }
            }
        }
    }

    private sealed record Remembered(FileAnswer Answer, int Epoch, int Id, long IdChanges, int Name, long NameChanges);
}
