using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Hosting.Calls;

/// <summary>Where a service gets the internal token that stands for itself.</summary>
public interface IServiceTokens
{
    ValueTask<string> GetAsync(CancellationToken cancellationToken);
}

/// <summary>The service's name, for its own tokens and logs.</summary>
public sealed record ServiceIdentity(string Name);

/// <summary>Swaps the service secret for a token at Identity, and again a minute before it ends.</summary>
internal sealed class RemoteServiceTokens(Peers peers, ServiceIdentity self, IOptions<GardenOptions> options, TimeProvider clock) : IServiceTokens, IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile IssueServiceTokenResponse? _token;

    public async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        if (IsFresh(_token))
        {
            return _token!.InternalToken;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!IsFresh(_token))
            {
                _token = await new Identity.IdentityClient(peers.AsNobody(ServiceNames.Identity)).IssueServiceTokenAsync(
                    new() { Service = self.Name, Secret = options.Value.ServiceSecret }, cancellationToken: cancellationToken);
            }

            return _token!.InternalToken;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private bool IsFresh(IssueServiceTokenResponse? token) => token is not null && token.ExpiresAt.ToDateTimeOffset() - Margin > clock.GetUtcNow();
}

/// <summary>Puts the service's own token on plain HTTP requests to other services.</summary>
internal sealed class ServiceTokenHandler(IServiceTokens tokens, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(cancellationToken));
        return await base.SendAsync(request, cancellationToken);
    }
}
