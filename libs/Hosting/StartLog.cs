using Microsoft.Extensions.Logging;

namespace ModelGarden.Hosting;

/// <summary>
/// Keeps a host from logging why it could not start: whoever starts it is thrown the same, and says it in one line, where the host would
/// say it with its stack, once for each service of a garden.
/// </summary>
internal sealed class StartLog
{
    public const string Category = "Microsoft.Extensions.Hosting.Internal.Host";
    private volatile bool _started;

    public void Started() => _started = true;

    /// <summary>Background work that breaks down during the start is told as critical, and shown.</summary>
    public bool Shows(LogLevel level) => level is LogLevel.Critical || (_started && level >= LogLevel.Warning);
}
