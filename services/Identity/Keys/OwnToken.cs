using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Calls;

namespace ModelGarden.Identity.Keys;

/// <summary>Identity's own token, made here.</summary>
internal sealed class OwnToken(KeyRing ring, ServiceIdentity self, TimeProvider clock) : IServiceTokens
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);
    private volatile Tuple<string, DateTimeOffset>? _token;

    public ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        var token = _token;
        if (token is null || token.Item2 - Margin <= clock.GetUtcNow())
        {
            token = _token = ring.Sign(new() { Kind = PrincipalKind.Service, Name = self.Name }).ToTuple();
        }

        return new(token.Item1);
    }
}
