using System.Collections.Concurrent;
using Grpc.Core;

namespace ModelGarden.StandIns.Tests.Grpc;

/// <summary>What one server has seen so far.</summary>
internal sealed class CallLog
{
    public ConcurrentDictionary<MethodType, int> Intercepted { get; } = new();

    /// <summary>Done once a waiting call was cancelled.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Count(MethodType kind) => Intercepted.AddOrUpdate(kind, 1, (_, count) => count + 1);
}
