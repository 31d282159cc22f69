using System.Diagnostics;
using System.Net;
using System.Text;
using ModelGarden.Hosting.Health;

namespace ModelGarden.AppHost;

/// <summary>What each service of this garden waits for, if anything.</summary>
internal sealed class GardenStatus(IReadOnlyList<(string Name, Readiness Readiness)> services)
{
    private readonly DateTimeOffset _since = DateTimeOffset.UtcNow;

    public IReadOnlyList<(string Name, Readiness Readiness)> Services { get; } = services;

    public TimeSpan Uptime => DateTimeOffset.UtcNow - _since;
}

/// <summary>The page at <c>/</c>: one look at whether everything runs. It tells nothing that a visitor may not know.</summary>
internal static class StatusPage
{
    private const string Style = """
        :root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #b35900; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; margin-bottom: 0; } p { margin-top: .2rem; }
        table { border-collapse: collapse; width: 100%; margin: 1.5rem 0; }
        td, th { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        .good { color: var(--good); } .bad { color: var(--bad); }
        @media (prefers-color-scheme: dark) { :root { --good: #4ac26b; --bad: #f0a04b; } }
        code { background: #8882; padding: .1rem .3rem; border-radius: .2rem; overflow-wrap: anywhere; }
        """;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapStatusPage() => routes.MapGet("/", (HttpContext context, GardenStatus status) =>
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
            context.Response.Headers.CacheControl = "no-store";
            return Results.Content(Render(status, $"{context.Request.Scheme}://{context.Request.Host}"), "text/html; charset=utf-8");
        });
    }

    private static string Render(GardenStatus status, string url)
    {
        var rows = string.Concat(status.Services.Select(service => Row(service.Name, service.Readiness)));
        var memory = Process.GetCurrentProcess().WorkingSet64 / (1024 * 1024);
        return new StringBuilder()
            .Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Append($"<title>ModelGarden</title><style>{Style}</style></head><body>")
            .Append($"<h1>ModelGarden</h1><p>up for {status.Uptime:d\\.hh\\:mm\\:ss}, {memory} MiB</p>")
            .Append($"<table><thead><tr><th>service</th><th>state</th></tr></thead><tbody>{rows}</tbody></table>")
            .Append($"<p>REST: <code>{WebUtility.HtmlEncode(url)}/garden/v1/</code>, described by <a href=\"/garden/v1/openapi.json\">openapi.json</a></p>")
            .Append($"<p>Hugging Face clients: <code>HF_ENDPOINT={WebUtility.HtmlEncode(url)}</code></p>")
            .Append($"<p>OpenAI clients: <code>OPENAI_BASE_URL={WebUtility.HtmlEncode(url)}/v1</code></p>")
            .Append("</body></html>")
            .ToString();
    }

    private static string Row(string name, Readiness readiness) => readiness.IsReady
        ? $"<tr><td>{name}</td><td class=\"good\">ready</td></tr>"
        : $"<tr><td>{name}</td><td class=\"bad\">waiting for {WebUtility.HtmlEncode(string.Join(", ", readiness.Waiting))}</td></tr>";
}
