using System.Buffers;
using System.IO.Pipelines;

namespace ModelGarden.Hosting.Memory;

/// <summary>The end that a client reads and writes, as it would a socket's stream: one read and one write at a time, disposed at any time.</summary>
internal sealed class MemoryClientEnd : Stream
{
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly Half _reading;
    private readonly Half _writing;
    private volatile bool _isReset;
    private int _disposed;

    public MemoryClientEnd(PipeReader input, PipeWriter output)
    {
        (_input, _output) = (input, output);
        _reading = new(() => input.Complete());
        _writing = new(() => output.Complete());
    }

    /// <summary>Said once, when this end is given up.</summary>
    public event Action? Disposed;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The service has broken the connection off: reads and writes fail from now on, also those that wait.</summary>
    public void Reset()
    {
        _isReset = true;
        Wake();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Enter(_reading);
        try
        {
            var read = await _input.ReadAsync(cancellationToken);
            ThrowIfEnded(read.IsCanceled);
            return Take(read.Buffer, buffer);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // What Kestrel broke a connection off with is one; here it must not pass for the reader's own wish.
            throw new IOException(exception.Message, exception);
        }
        finally
        {
            _reading.Leave();
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Enter(_writing);
        try
        {
            var flushed = await _output.WriteAsync(buffer, cancellationToken);
            ThrowIfEnded(flushed.IsCanceled || flushed.IsCompleted);
        }
        finally
        {
            _writing.Leave();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read asynchronously");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("write asynchronously");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) is 0)
        {
            _writing.Close();
            _reading.Close();
            Wake();
            Disposed?.Invoke();
        }

        base.Dispose(disposing);
    }

    /// <summary>Ends what waits in either pipe; one that is done already takes no notice.</summary>
    private void Wake()
    {
        _input.CancelPendingRead();
        _output.CancelPendingFlush();
    }

    private void Enter(Half half)
    {
        if (_isReset || !half.TryEnter())
        {
            throw Ended();
        }
    }

    private void ThrowIfEnded(bool ended)
    {
        if (ended || _isReset)
        {
            throw Ended();
        }
    }

    private IOException Ended() => new(_disposed is 0 ? "the service broke the connection off" : "the connection has been given up");

    private int Take(ReadOnlySequence<byte> from, Memory<byte> to)
    {
        var length = (int)Math.Min(from.Length, to.Length);
        var taken = from.Slice(0, length);
        taken.CopyTo(to.Span);
        // From here on the bytes belong to the writer again.
        _input.AdvanceTo(taken.End);
        return length;
    }

    /// <summary>One direction, completed when it is closed and nobody is within: a pipe's memory must not go back to its pool under a reader.</summary>
    private sealed class Half(Action complete)
    {
        private const int Closed = 1;
        private const int Visitor = 2;
        private int _state;

        public bool TryEnter()
        {
            var state = Volatile.Read(ref _state);
            while ((state & Closed) is 0)
            {
                var seen = Interlocked.CompareExchange(ref _state, state + Visitor, state);
                if (seen == state)
                {
                    return true;
                }

                state = seen;
            }

            return false;
        }

        public void Leave()
        {
            if (Interlocked.Add(ref _state, -Visitor) is Closed)
            {
                complete();
            }
        }

        public void Close()
        {
            if (Interlocked.Or(ref _state, Closed) is 0)
            {
                complete();
            }
        }
    }
}
