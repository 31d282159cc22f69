using ModelGarden.Hosting.Errors;

namespace ModelGarden.Artifacts.Objects;

/// <summary>Tells a client that the store does not serve, and the operator why.</summary>
internal static partial class StoreFaults
{
    public static Task AnswerAsync(HttpContext context, ObjectStoreException exception)
    {
        Log(context, exception);
        return HubErrors.WriteAsync(context, exception.Error);
    }

    /// <summary>For answers that have begun and say themselves what went wrong.</summary>
    public static void Log(HttpContext context, ObjectStoreException exception) =>
        LogFailed(context.RequestServices.GetRequiredService<ILogger<IObjectStore>>(), exception.Fault, exception.Message);

    [LoggerMessage(523, LogLevel.Error, "object store: {Fault}: {Message}")]
    private static partial void LogFailed(ILogger logger, StoreFault fault, string message);
}
