using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace ModelGarden.Identity.Pages;

/// <summary>Writes a page to its visitor: a Razor component as plain HTML, which needs no script.</summary>
internal sealed class PageWriter(IServiceProvider services, ILoggerFactory loggers)
{
    public async Task WriteAsync<TPage>(HttpContext http, int status, PageView view, IReadOnlyDictionary<string, object?> parameters)
        where TPage : PageBase
    {
        var all = new Dictionary<string, object?>(parameters) { [nameof(PageBase.View)] = view };
        await using var renderer = new HtmlRenderer(services, loggers);
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(all))).ToHtmlString());
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(html, http.RequestAborted);
    }
}

/// <summary>A page as a component.</summary>
public abstract class PageBase : ComponentBase
{
    [Parameter]
    public required PageView View { get; set; }
}
