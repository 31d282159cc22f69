using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Errors;

/// <summary>Answers expected errors of HTTP endpoints in our own shape, and hides unexpected ones. Foreign protocols map theirs before it.</summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (ErrorException exception)
        {
            await HttpErrors.WriteAsync(context, exception.Error);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = exception.StatusCode;
            await context.Response.WriteAsJsonAsync(new ErrorBody(new("BAD_REQUEST", exception.Message)), ErrorJson.Default.ErrorBody);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            LogFailed(exception, Text.Shorten(context.Request.Method), Text.Shorten(context.Request.Path));
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsJsonAsync(new ErrorBody(new("INTERNAL", "an unexpected error; the service's log has it")), ErrorJson.Default.ErrorBody);
        }
    }

    [LoggerMessage(902, LogLevel.Error, "{Verb} {Path} failed unexpectedly")]
    private partial void LogFailed(Exception exception, string verb, string path);
}
