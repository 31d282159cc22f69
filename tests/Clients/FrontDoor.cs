using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.Clients;

/// <summary>Stands where the Gateway stands: a TCP port that swaps tokens, says where it was called, and sends bytes to Artifacts and all else to the Hub.</summary>
public sealed class FrontDoor : IAsyncDisposable
{
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase) { "Connection", "Transfer-Encoding", "Keep-Alive", "Host", "Authorization", "Expect" };
    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _hub;
    private readonly HttpMessageInvoker _artifacts;
    private readonly IReadOnlyDictionary<string, Principal> _people;

    private FrontDoor(TestGarden garden, IReadOnlyDictionary<string, Principal> people)
    {
        _people = people;
        (_hub, _artifacts) = (Invoker(garden, ServiceNames.Hub), Invoker(garden, ServiceNames.Artifacts));
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _app = builder.Build();
        _app.Run(ForwardAsync);
    }

    public string Address => _app.Urls.Single();

    /// <param name="garden">What stands behind it.</param>
    /// <param name="people">Who sends which token.</param>
    public static async Task<FrontDoor> OpenAsync(TestGarden garden, IReadOnlyDictionary<string, Principal> people)
    {
        var door = new FrontDoor(garden, people);
        await door._app.StartAsync(TestContext.Current.CancellationToken);
        return door;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _hub.Dispose();
        _artifacts.Dispose();
    }

    private static HttpMessageInvoker Invoker(TestGarden garden, string service) =>
        new(ServiceAddress.Create($"unix:{garden.Data}/{service}.http.sock").OrThrow().CreateHandler());

    private async Task ForwardAsync(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        using var request = new HttpRequestMessage(new(http.Request.Method), new Uri($"http://garden.local{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Content = http.Request.ContentLength > 0 || http.Request.Headers.TransferEncoding.Count > 0 ? new StreamContent(http.Request.Body) : null;
        foreach (var (name, values) in http.Request.Headers.Where(header => !HopByHop.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        request.Headers.Add("X-Forwarded-Host", http.Request.Host.Value);
        request.Headers.Add("X-Forwarded-Proto", http.Request.Scheme);
        request.Headers.Authorization = new("Bearer", TestGarden.TokenOf(CallerOf(http)));
        using var answer = await (target.StartsWith("/garden/v1/files/", StringComparison.Ordinal) ? _artifacts : _hub).SendAsync(request, http.RequestAborted);
        await AnswerAsync(http, answer);
    }

    private Principal CallerOf(HttpContext http) => AuthenticationHeaderValue.TryParse(http.Request.Headers.Authorization, out var header)
        ? _people[header.Parameter!]
        : People.Anonymous;

    private static async Task AnswerAsync(HttpContext http, HttpResponseMessage answer)
    {
        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => !HopByHop.Contains(header.Key)))
        {
            http.Response.Headers[name] = values.ToArray();
        }

        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
    }
}
