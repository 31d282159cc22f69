using System.Globalization;
using System.Text;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Git;

/// <summary>What a pkt-line is: data, or one of the three marks between.</summary>
internal enum PktKind
{
    /// <summary>The body ended in good order.</summary>
    End,
    Data,

    /// <summary><c>0000</c>.</summary>
    Flush,

    /// <summary><c>0001</c>.</summary>
    Delimiter,
}

/// <summary>One pkt-line of git's wire (<see href="https://git-scm.com/docs/protocol-common"/>).</summary>
internal readonly record struct Pkt(PktKind Kind, byte[] Data)
{
    /// <summary>Without the line feed that most senders end lines with.</summary>
    public string Text => Encoding.UTF8.GetString(Data).TrimEnd('\n');
}

/// <summary>Reads pkt-lines off a stream, and then leaves the rest of it as it is.</summary>
internal sealed class PktReader(Stream body)
{
    private const int LongestLine = 65520;
    private readonly byte[] _length = new byte[4];

    public async Task<Pkt> ReadAsync(CancellationToken cancellationToken)
    {
        var read = await body.ReadAtLeastAsync(_length, _length.Length, throwOnEndOfStream: false, cancellationToken);
        if (read is 0)
        {
            return new(PktKind.End, []);
        }

        if (read < _length.Length || !int.TryParse(Encoding.ASCII.GetString(_length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length) || length > LongestLine)
        {
            throw Bad("a pkt-line does not begin with its length in four hexadecimal digits");
        }

        return length switch
        {
            0 => new(PktKind.Flush, []),
            1 => new(PktKind.Delimiter, []),
            >= 4 => new(PktKind.Data, await DataAsync(length - 4, cancellationToken)),
            _ => throw Bad($"a pkt-line has the length {length}"),
        };
    }

    public static ErrorException Bad(string fault) => new(Error.Invalid("BAD_GIT_REQUEST", $"the request is not git's: {fault}"));

    private async Task<byte[]> DataAsync(int length, CancellationToken cancellationToken)
    {
        var data = new byte[length];
        return await body.ReadAtLeastAsync(data, length, throwOnEndOfStream: false, cancellationToken) == length
            ? data
            : throw Bad("it ends within a pkt-line");
    }
}

/// <summary>Writes pkt-lines into an answer.</summary>
internal sealed class PktWriter(System.IO.Pipelines.PipeWriter output)
{
    /// <summary>What one line of a side band holds.</summary>
    public const int LargestBand = 65515;

    private const int FlushSize = 64 << 10;

    public void Line(string text) => Data(Encoding.UTF8.GetBytes(text + "\n"));

    public void Flush() => Raw("0000"u8);

    public void Delimiter() => Raw("0001"u8);

    public void Data(ReadOnlySpan<byte> data)
    {
        Length(data.Length);
        Raw(data);
    }

    /// <summary>Data of band 1, progress of band 2, the end of it all in words of band 3.</summary>
    public void Band(byte band, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            var part = data[..Math.Min(data.Length, LargestBand)];
            Length(part.Length + 1);
            Raw([band]);
            Raw(part);
            data = data[part.Length..];
        }
    }

    /// <summary>Sends what has gathered, if it is worth it.</summary>
    public async ValueTask SendAsync(bool isEnd, CancellationToken cancellationToken)
    {
        if (isEnd || output.UnflushedBytes >= FlushSize)
        {
            await output.FlushAsync(cancellationToken);
        }
    }

    private void Length(int length) => Raw(Encoding.ASCII.GetBytes((length + 4).ToString("x4", CultureInfo.InvariantCulture)));

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(output.GetSpan(bytes.Length));
        output.Advance(bytes.Length);
    }
}
