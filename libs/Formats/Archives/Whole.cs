using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Archives;

/// <summary>
/// Content out of something packed is unpacked into memory as far as the walk has any left: only what lies somewhere whole can be looked into from its end,
/// and as everything that it may be. What is larger is read forward once, and a zip at its end is said.
/// </summary>
internal static class Whole
{
    // So much of what is too long to be held is looked into as a pickle, whatever it is: all else stops being one long before.
    private const int MaximumHead = 2 * 1024 * 1024;

    // A length is only a claim: memory for all of the head is taken when so much of it has come.
    private const int FirstOfHead = 64 * 1024;

    /// <summary>Has content read by someone; of what can seek already, as it is.</summary>
    public static FileFormat? Read(Stream content, long length, Findings findings, Walk walk, Func<Stream, long, FileFormat?> read)
    {
        if (content.CanSeek)
        {
            return read(content, length);
        }

        using var reserved = walk.Reserve(length);
        return reserved is null ? ReadForward(content, length, findings, walk, read) : ReadUnpacked(content, length, findings, read);
    }

    public static void SayTooLarge(Findings findings, long length) =>
        findings.Suspicious("archive.nested", $"a packed archive of {length} bytes: at most {Walk.MaximumBuffered} are unpacked to be looked into", 0);

    private static FileFormat? ReadUnpacked(Stream content, long length, Findings findings, Func<Stream, long, FileFormat?> read)
    {
        using var memory = new MemoryStream();
        var buffer = new byte[(int)Math.Min(16 * 1024, length)];
        while (memory.Length < length && content.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - memory.Length))) is > 0 and var count)
        {
            memory.Write(buffer, 0, count);
        }

        if (memory.Length < length)
        {
            findings.Suspicious("file.truncated", $"the file ends after {memory.Length} of {length} bytes", memory.Length);
        }

        memory.Position = 0;
        return read(memory, memory.Length);
    }

    private static ReadOnlyMemory<byte> HeadOf(Stream content, long length)
    {
        var wanted = (int)Math.Min(MaximumHead, length);
        var head = new byte[Math.Min(FirstOfHead, wanted)];
        var filled = content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (filled == head.Length)
        {
            Array.Resize(ref head, wanted);
            filled += content.ReadAtLeast(head.AsSpan(filled), wanted - filled, throwOnEndOfStream: false);
        }

        return head.AsMemory(0, filled);
    }

    private static FileFormat? ReadForward(Stream content, long length, Findings findings, Walk walk, Func<Stream, long, FileFormat?> read)
    {
        using var watched = new TailStream(content, HiddenZip.TailLength);
        var head = HeadOf(watched, length);
        HiddenContent.LookIntoHead(head, length, findings, walk);
        using var joined = new JoinedStream(head, watched);
        var format = read(joined, length);
        watched.ReadToEnd(walk.CancellationToken);
        if (format is not (FileFormat.Zip or FileFormat.TorchZip) && HiddenZip.IsEndOfZip(watched.Tail, watched.Seen))
        {
            SayTooLarge(findings, length);
        }

        return format;
    }
}
