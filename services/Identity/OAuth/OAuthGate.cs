using ModelGarden.Identity.SignIn;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.OAuth;

/// <summary>Bounds what programs ask of OAuth's endpoints: 300 at once and then ten a second from one network, and as many of one client that has proven who it is. Kept by each replica for itself.</summary>
internal sealed class OAuthGate(TimeProvider clock)
{
    public const int Burst = 300;
    private static readonly TimeSpan ForEach = TimeSpan.FromMilliseconds(100);

    private readonly Pace _networks = new(clock, Burst, ForEach);
    private readonly Pace _clients = new(clock, Burst, ForEach);

    /// <summary>Takes one request from an address; the refusal if there is none left.</summary>
    public Error? TakeAddress(string address) => _networks.Take(AddressNetwork.Of(address)) ? null : TooMany("from your network");

    /// <summary>Takes one request of a client; the refusal if there is none left. Of a public one everybody can say that he is it: counted together, one would keep out all others.</summary>
    public Error? TakeClient(ClientRow client) => !client.IsConfidential || _clients.Take(client.Id) ? null : TooMany("of this client");

    private static Error TooMany(string whose) => Error.Exhausted("TOO_MANY_REQUESTS", $"too many requests {whose}: wait a minute, then try again, and keep a token as long as it is good");
}
