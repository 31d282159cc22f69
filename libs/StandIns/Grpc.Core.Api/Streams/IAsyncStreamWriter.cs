namespace Grpc.Core;

/// <summary>A stream of messages written one after the other: await each write before the next.</summary>
public interface IAsyncStreamWriter<in T>
{
    WriteOptions? WriteOptions { get; set; }

    Task WriteAsync(T message);

    Task WriteAsync(T message, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled
            ? throw new NotSupportedException("This stream's writes can't be cancelled one by one.")
            : WriteAsync(message);
}

/// <summary>The request side of a call: the client says when it is complete.</summary>
public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    Task CompleteAsync();
}

/// <summary>The answer side of a call: it ends when the method serving it returns.</summary>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>;
