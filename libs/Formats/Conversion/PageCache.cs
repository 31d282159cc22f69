namespace ModelGarden.Formats.Conversion;

/// <summary>Pages of a file, each in the one place that its number gives it: a transposed matrix is read with few of them, and never more are held.</summary>
internal sealed class PageCache(Stream source)
{
    public const int PageLength = 4096;
    private const int MaximumPages = 8192;
    private readonly byte[]?[] _pages = new byte[]?[MaximumPages];
    private readonly long[] _numbers = new long[MaximumPages];

    public void Read(long offset, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            var page = Page(offset / PageLength).AsSpan((int)(offset % PageLength));
            var count = Math.Min(page.Length, target.Length);
            page[..count].CopyTo(target);
            target = target[count..];
            offset += count;
        }
    }

    private byte[] Page(long number)
    {
        var slot = (int)(number % MaximumPages);
        if (_pages[slot] is { } held && _numbers[slot] == number)
        {
            return held;
        }

        var page = _pages[slot] ??= new byte[PageLength];
        source.Position = number * PageLength;
        var read = source.ReadAtLeast(page, PageLength, throwOnEndOfStream: false);
        page.AsSpan(read).Clear();
        _numbers[slot] = number;
        return page;
    }
}
