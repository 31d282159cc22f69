namespace Grpc.Core;

/// <summary>A stream of messages read one after the other; <c>Current</c> is valid after <c>MoveNext</c> answered true.</summary>
public interface IAsyncStreamReader<out T>
{
    T Current { get; }

    Task<bool> MoveNext(CancellationToken cancellationToken);
}
