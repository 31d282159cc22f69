using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Tests;

/// <summary>Gives bytes in short pieces and cannot seek, as a response body; or breaks.</summary>
internal sealed class ForwardOnlyStream(byte[] bytes, int piece, bool fails = false) : ForwardStream
{
    private int _at;

    public override int Read(Span<byte> buffer)
    {
        if (fails)
        {
            throw new IOException("the disk is gone");
        }

        var read = Math.Min(Math.Min(buffer.Length, piece), bytes.Length - _at);
        bytes.AsSpan(_at, read).CopyTo(buffer);
        _at += read;
        return read;
    }
}
