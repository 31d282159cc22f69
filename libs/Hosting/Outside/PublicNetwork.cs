using System.Net;
using System.Net.Sockets;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Outside;

/// <summary>An address that is not connected to. The message is for whoever named it.</summary>
public sealed class AddressRefusedException(string message) : IOException(message);

/// <summary>
/// Connects to servers that strangers name, by the addresses that their names have at that moment: what was asked before may be otherwise by then, and a name is its owner's to point anywhere. Strangers
/// choose where this service connects to, so that it is the public network alone unless an operator has named others.
/// </summary>
/// <param name="allowed">Networks that are connected to although they are not public.</param>
/// <param name="setting">Where an operator names those, such as <c>Garden:Webhooks:AllowedNetworks</c>.</param>
/// <param name="names">Asks for addresses.</param>
public abstract class PublicNetwork(IPNetwork[] allowed, string setting, NameLookup names)
{
    private static readonly (IPNetwork Network, string Kind)[] Refused =
    [
        .. Named("unspecified", "0.0.0.0/8", "::/128"),
        .. Named("loopback", "127.0.0.0/8", "::1/128"),
        .. Named("link-local", "169.254.0.0/16", "fe80::/10"),
        // Azure's own, of the machines that run there, among public addresses; those of other clouds are in the networks around.
        .. Named("metadata", "168.63.129.16/32"),
        .. Named("multicast", "224.0.0.0/4", "ff00::/8"),
        .. Named("reserved", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "::/96"),
        .. Named("private", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"),
        // They have an IPv4 address within, which a gateway on the way may take out.
        .. Named("translated", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16"),
    ];

    /// <summary>Why nothing is sent to an address; null: it is.</summary>
    public string? Fault(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return allowed.Any(network => network.Contains(plain)) ? null
            : Refused.FirstOrDefault(one => one.Network.Contains(plain)) is { Kind: { } kind }
            ? $"has a {kind} address, and nothing is sent there: an operator allows networks with {setting}"
            : null;
    }

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="AddressRefusedException">All of its addresses are refused.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await names.FindAsync(host, cancellationToken);
        var open = found.Where(address => Fault(address) is null).ToArray();
        if (open.Length is 0)
        {
            throw new AddressRefusedException($"'{Text.Shorten(host)}' {(found is [var first, ..] ? Fault(first) : "has no address")}");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(open, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static IEnumerable<(IPNetwork, string)> Named(string kind, params string[] networks) => networks.Select(network => (IPNetwork.Parse(network), kind));
}

/// <summary>Asks for the addresses of names.</summary>
public class NameLookup
{
    public virtual Task<IPAddress[]> FindAsync(string host, CancellationToken cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken);
}
