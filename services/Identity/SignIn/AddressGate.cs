using ModelGarden.Kernel;

namespace ModelGarden.Identity.SignIn;

/// <summary>Bounds the wrong tries from one network, whatever they try: 50 at once, then 10 a minute. Kept by each replica for itself.</summary>
internal sealed class AddressGate(TimeProvider clock)
{
    public const int Burst = 50;
    private static readonly TimeSpan ForEach = TimeSpan.FromSeconds(6);

    private readonly Pace _pace = new(clock, Burst, ForEach);

    /// <summary>Takes one try; the refusal if there is none left.</summary>
    public Error? Take(string address) =>
        _pace.Take(AddressNetwork.Of(address)) ? null : Error.Exhausted("TOO_MANY_TRIES", "too many wrong tries from your network: wait a minute, then try again");

    /// <summary>The try was right: it does not count.</summary>
    public void GiveBack(string address) => _pace.GiveBack(AddressNetwork.Of(address));
}
