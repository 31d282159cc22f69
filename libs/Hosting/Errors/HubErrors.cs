using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Errors;

/// <summary>
/// Errors in the Hub's shape, <c>{"error":"…"}</c> and two headers, for the doors beside the Hub that its clients come through: the Gateway and
/// signed URLs. Our own shape would be shown to people as <c>[object Object]</c>.
/// </summary>
public static class HubErrors
{
    private const int HeaderLimit = 1000;

    // This very text keeps the Hub's clients from taking a wrong token for a missing repository.
    private const string BadToken = "Invalid credentials in Authorization header";

    /// <param name="context">Whose request.</param>
    /// <param name="error">What is wrong.</param>
    /// <param name="status">If it is not the error's own.</param>
    public static Task WriteAsync(HttpContext context, Error error, int? status = null)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        response.StatusCode = status ?? HttpErrors.ToStatus(error);
        response.Headers["X-Error-Message"] = error.Code is ErrorCode.Unauthenticated ? BadToken : ToHeader(error.Message);
        if (error.Code is not ErrorCode.Unauthenticated)
        {
            response.Headers["X-Error-Code"] = error.Reason;
        }

        return response.WriteAsJsonAsync(new HubErrorBody(error.Message), HubErrorJson.Default.HubErrorBody, cancellationToken: context.RequestAborted);
    }

    // Header values are ASCII without controls; the body has the words as they are.
    private static string ToHeader(string text) =>
        string.Concat((text.Length > HeaderLimit ? text[..HeaderLimit] : text).Select(c => c is >= ' ' and <= '~' ? c : '?'));
}

internal sealed record HubErrorBody(string Error);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web), JsonSerializable(typeof(HubErrorBody))]
internal sealed partial class HubErrorJson : JsonSerializerContext;
