using ModelGarden.Hosting;

namespace ModelGarden.Gateway;

/// <summary>
/// What every answer tells a browser: to take it for what it says it is, and that it is no page. Files, engines' words and errors come from the same origin as the pages on which people
/// are signed in; only a service that sets a policy of its own means to be shown.
/// </summary>
internal static class AnswerGuard
{
    private const string ReferrerPolicy = "Referrer-Policy";

    public static Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(Guard, context.Response);
        return next(context);
    }

    private static Task Guard(object response)
    {
        var headers = ((HttpResponse)response).Headers;
        headers.XContentTypeOptions = "nosniff";
        if (headers.ContentSecurityPolicy.Count is 0)
        {
            headers.ContentSecurityPolicy = ContentPolicies.NoPage;
        }

        if (!headers.ContainsKey(ReferrerPolicy))
        {
            headers[ReferrerPolicy] = "no-referrer";
        }

        return Task.CompletedTask;
    }
}
