using System.Runtime.InteropServices;
using System.Text;

namespace SQLitePCL;

/// <summary>A zero-terminated UTF-8 text owned by SQLite or by a managed array, or null.</summary>
public readonly unsafe ref struct utf8z
{
    // With its terminator; empty stands for null.
    private readonly ReadOnlySpan<byte> _bytes;

    private utf8z(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public static utf8z FromSpan(ReadOnlySpan<byte> span) => span.IsEmpty || span[^1] == 0
        ? new(span)
        : throw new ArgumentException("The text must end in a zero byte.", nameof(span));

    public static utf8z FromString(string? s) => s is null ? default : new(Native.Terminated(s));

    public static utf8z FromPtr(byte* p) => p is null
        ? default
        : new(new ReadOnlySpan<byte>(p, MemoryMarshal.CreateReadOnlySpanFromNullTerminated(p).Length + 1));

    public static utf8z FromIntPtr(nint p) => FromPtr((byte*)p);

    public ref readonly byte GetPinnableReference() => ref _bytes.GetPinnableReference();

    public string utf8_to_string() => _bytes.IsEmpty ? null! : Encoding.UTF8.GetString(_bytes[..^1]);

    /// <summary>A text of known length, which may hold zero bytes of its own.</summary>
    internal static utf8z FromPtrLen(byte* p, int length) => p is null ? default : new(new ReadOnlySpan<byte>(p, length + 1));
}
