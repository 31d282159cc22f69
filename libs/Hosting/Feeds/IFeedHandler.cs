using ModelGarden.Contracts.V1;

namespace ModelGarden.Hosting.Feeds;

/// <summary>Applies another service's changes. Calls come one at a time, in order; a change may come again after a restart.</summary>
public interface IFeedHandler
{
    /// <summary>The sequence up to which everything is applied and kept; 0: nothing, begin with a snapshot.</summary>
    long Position { get; }

    /// <summary>Drops everything: a snapshot follows.</summary>
    ValueTask ResetAsync(CancellationToken cancellationToken);

    ValueTask ApplyAsync(Change change, CancellationToken cancellationToken);

    /// <summary>All that was there when following began is applied.</summary>
    ValueTask CaughtUpAsync(long sequence, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>The feed broke off: what is held may grow old until <see cref="CaughtUpAsync"/> comes again.</summary>
    ValueTask LostAsync() => ValueTask.CompletedTask;
}
