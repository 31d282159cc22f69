using System.Buffers;
using System.IO.Pipelines;
using ModelGarden.Serving.Metering;

namespace ModelGarden.Serving.OpenAi;

/// <summary>
/// Passes a stream of server-sent events on, as they come, and reads the usage off them. Usage that the caller did not ask for is
/// taken out again; the last event, <c>[DONE]</c>, waits until the usage is kept.
/// </summary>
internal sealed class SsePump(Meter meter, bool wantsUsage, Func<Task> keep)
{
    private const int MaximumEvent = 1 << 20;
    private static readonly byte[] End = "\n\n"u8.ToArray();
    private bool _hasContinuousUsage;

    /// <summary>True when the stream ended with <c>[DONE]</c>.</summary>
    public async Task<bool> RunAsync(Stream from, PipeWriter to, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(from, new(bufferSize: 16 * 1024, leaveOpen: true));
        var done = false;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (TryCut(ref buffer, out var sse))
            {
                done |= await PassAsync(sse, to, cancellationToken);
            }

            if (buffer.Length > MaximumEvent)
            {
                throw new InvalidDataException($"the engine sent an event of more than {MaximumEvent} bytes");
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            await to.FlushAsync(cancellationToken);
            if (read.IsCompleted)
            {
                return done;
            }
        }
    }

    private static bool TryCut(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> sse)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out sse, End))
        {
            return false;
        }

        buffer = buffer.Slice(reader.Position);
        return true;
    }

    private async ValueTask<bool> PassAsync(ReadOnlySequence<byte> sse, PipeWriter to, CancellationToken cancellationToken)
    {
        var bytes = sse.IsSingleSegment ? sse.First : sse.ToArray();
        if (!bytes.Span.StartsWith("data: "u8))
        {
            Write(to, bytes.Span);
            return false;
        }

        if (bytes.Span["data: "u8.Length..].SequenceEqual("[DONE]"u8))
        {
            // The last piece of text must not wait for the disk; only the end does.
            await to.FlushAsync(cancellationToken);
            await keep();
            Write(to, bytes.Span);
            return true;
        }

        PassChunk(bytes.Span, to);
        return false;
    }

    private void PassChunk(ReadOnlySpan<byte> bytes, PipeWriter to)
    {
        var json = bytes["data: "u8.Length..];
        if (UsageScanner.Scan(json) is not { } scanned)
        {
            Write(to, bytes);
            return;
        }

        Count(scanned);
        if (scanned.End is 0 || wantsUsage && !(scanned.HasChoices && _hasContinuousUsage))
        {
            Write(to, bytes);
        }
        else if (scanned.HasChoices)
        {
            Write(to, [.. "data: "u8, .. scanned.Without(json)]);
        }
    }

    private void Count(Scanned scanned)
    {
        if (scanned.Usage is { } usage)
        {
            _hasContinuousUsage |= scanned.HasChoices;
            (meter.InputTokens, meter.OutputTokens) = (usage.InputTokens, usage.OutputTokens);
        }
        else if (scanned.HasChoices && !_hasContinuousUsage)
        {
            // An engine that tells usage only at the end: until then each piece stands for a token.
            meter.OutputTokens++;
        }
    }

    private static void Write(PipeWriter to, ReadOnlySpan<byte> bytes)
    {
        to.Write(bytes);
        to.Write(End);
    }
}
