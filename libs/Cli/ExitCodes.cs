namespace ModelGarden.Cli;

/// <summary>What the command tells the shell.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The garden refused, or what was asked for failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    public const int NotReachable = 3;

    /// <summary>128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;
}

/// <summary>The command was given in a way that it cannot be done.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The garden does not answer, or its answer broke off.</summary>
internal sealed class NotReachableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A failure for which the next step is known.</summary>
/// <param name="error">What failed.</param>
/// <param name="next">The way on.</param>
internal sealed class FailureException(Error error, NextStep next) : Exception(error.Message)
{
    public Error Error { get; } = error;

    public NextStep Next { get; } = next;
}

/// <summary>What to do after a failure.</summary>
/// <param name="Command">To be typed.</param>
/// <param name="Note">Such as who may; empty: there is nothing to say.</param>
internal sealed record NextStep(string Command, string Note = "")
{
    public override string ToString() => Note.Length > 0 ? $"{Command}   ({Note})" : Command;
}
