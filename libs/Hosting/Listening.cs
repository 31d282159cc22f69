using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using ModelGarden.Hosting.Memory;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting;

/// <summary>Opens a service's two addresses: <c>Garden:Listen</c>, or those that others call it by.</summary>
internal static class Listening
{
    // A message and its frame; endpoints that take files lift it for themselves.
    private const int MaximumBody = 40 << 20;

    public static void Configure(KestrelServerOptions kestrel, IConfiguration configuration, string name)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaximumBody;
        var own = configuration.GetSection($"{GardenOptions.Section}:Services:{name}");
        var listen = configuration.GetSection($"{GardenOptions.Section}:Listen");
        Listen(kestrel, listen["Grpc"] is { Length: > 0 } grpc ? grpc : own["Grpc"], HttpProtocols.Http2);
        Listen(kestrel, listen["Http"] is { Length: > 0 } http ? http : own["Http"], HttpProtocols.Http1);
    }

    private static void Listen(KestrelServerOptions kestrel, string? text, HttpProtocols protocols)
    {
        // What is no address is told with all other faults of the settings, a moment later.
        if (ServiceAddress.Create(text) is not { Error: null, Value: var address })
        {
            return;
        }

        if (address.SocketPath is { } path)
        {
            MakeRoom(path);
            kestrel.ListenUnixSocket(path, Configure);
        }
        else if (address.MemoryName is { } memory)
        {
            kestrel.Listen(new MemoryEndPoint(memory), Configure);
        }
        else if (address.Uri.Host is "localhost")
        {
            kestrel.ListenLocalhost(address.Uri.Port, Configure);
        }
        else
        {
            kestrel.Listen(IPAddress.TryParse(address.Uri.Host, out var ip) ? ip : IPAddress.Any, address.Uri.Port, Configure);
        }

        void Configure(ListenOptions endpoint)
        {
            endpoint.Protocols = protocols;
            if (address.Uri.Scheme is "https")
            {
                endpoint.UseHttps();
            }
        }
    }

    /// <summary>Removes the socket that a killed process left behind, and nothing else.</summary>
    private static void MakeRoom(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return;
        }

        if (file.Length > 0 || IsAnswered(path))
        {
            throw new ErrorException(Error.Conflict("ADDRESS_IN_USE", file.Length > 0
                ? $"{path} is a file, not a socket: name another path to listen on, or move it away"
                : $"another process listens on {path}: stop it, or name another path to listen on"));
        }

        file.Delete();
    }

    private static bool IsAnswered(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable)
        {
            return false;
        }
    }
}
