using System.Text;

namespace ModelGarden.Catalog.Comparing;

/// <summary>git's order of paths: by the bytes of their UTF-8, which is not the order of .NET's characters beyond the basic plane.</summary>
internal sealed class PathOrder : IComparer<string>
{
    public static PathOrder Bytes { get; } = new();

    public int Compare(string? x, string? y)
    {
        var a = x.AsSpan();
        var b = y.AsSpan();
        var same = a.CommonPrefixLength(b);
        return same == a.Length || same == b.Length || (!char.IsSurrogate(a[same]) && !char.IsSurrogate(b[same]))
            ? string.CompareOrdinal(x, y)
            : Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));
    }
}
