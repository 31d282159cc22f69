using System.Buffers;
using System.Text;
using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Scans;

/// <summary>Looks for something in bytes that go by, seen as characters of one byte each.</summary>
internal interface IScanner
{
    /// <summary>Looks at a window of the bytes.</summary>
    /// <param name="text">The window: what may begin in it, and a stretch behind it to see it whole.</param>
    /// <param name="begin">From here on something may begin; a character before is shown for context.</param>
    /// <param name="end">Up to here; what begins later is in the next window.</param>
    /// <param name="offset">Where the window lies in the content.</param>
    void Look(ReadOnlySpan<char> text, int begin, int end, long offset);

    /// <summary>All has been seen.</summary>
    void Finish()
    {
    }
}

/// <summary>Cuts what is read into windows that overlap, and shows them to scanners: nothing is missed at an edge, nothing is seen twice, and one window is held.</summary>
internal sealed class WindowScan : IByteWatcher, IDisposable
{
    /// <summary>The longest thing that is sure to be seen whole.</summary>
    public const int Overlap = 4 * 1024;

    private const int Length = 64 * 1024;
    private readonly IReadOnlyList<IScanner> _scanners;
    private readonly char[] _window = ArrayPool<char>.Shared.Rent(Length);
    private long _offset;
    private int _begin;
    private int _end;

    public WindowScan(IReadOnlyList<IScanner> scanners) => _scanners = scanners;

    public void See(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var taken = Math.Min(bytes.Length, Length - _end);
            Encoding.Latin1.GetChars(bytes[..taken], _window.AsSpan(_end));
            _end += taken;
            bytes = bytes[taken..];
            if (_end == Length)
            {
                Show(Length - Overlap);
            }
        }
    }

    /// <summary>Shows what is left: call it when all was read.</summary>
    public void Finish()
    {
        Show(_end);
        foreach (var scanner in _scanners)
        {
            scanner.Finish();
        }
    }

    public void Dispose() => ArrayPool<char>.Shared.Return(_window);

    private void Show(int end)
    {
        foreach (var scanner in _scanners)
        {
            scanner.Look(_window.AsSpan(0, _end), _begin, end, _offset);
        }

        // One character stays for context, when there was one.
        var kept = Math.Max(0, end - 1);
        _window.AsSpan(kept, _end - kept).CopyTo(_window);
        _offset += kept;
        _begin = end - kept;
        _end -= kept;
    }
}
