using System.Net;
using System.Net.Sockets;

namespace ModelGarden.Identity.SignIn;

/// <summary>What a network address is counted as: itself, of IPv6 its network of 64 bits, which is what a subscriber is given.</summary>
internal static class AddressNetwork
{
    private const int Bytes = 8;

    public static string Of(string address) => IPAddress.TryParse(address, out var ip) && ip is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }
        ? Convert.ToHexStringLower(ip.GetAddressBytes().AsSpan(0, Bytes))
        : address;
}
