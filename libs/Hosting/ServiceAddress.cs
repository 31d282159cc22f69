using System.Net.Sockets;
using System.Text;
using ModelGarden.Hosting.Memory;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting;

/// <summary>
/// Where a service listens or is called: <c>unix:/path/to.sock</c>, <c>http://host:port</c> (or <c>https</c>), or <c>memory:name</c> for one of the same
/// process, which AppHost uses.
/// </summary>
public readonly record struct ServiceAddress : IParsableId<ServiceAddress>
{
    internal const string MemoryPrefix = "memory:";
    private const string UnixPrefix = "unix:";

    // For requests whose way is no TCP: a host that is never looked up.
    private static readonly Uri Nowhere = new("http://garden.local");

    // sockaddr_un has 108 bytes, one of them the end.
    private const int MaximumPath = 107;

    private ServiceAddress(string? socketPath, string? memoryName, Uri uri) => (SocketPath, MemoryName, Uri) = (socketPath, memoryName, uri);

    /// <summary>The Unix socket's path, or null.</summary>
    public string? SocketPath { get; }

    /// <summary>The name within this process, or null.</summary>
    public string? MemoryName { get; }

    /// <summary>What goes into a request: for what is no TCP a host that is never looked up.</summary>
    public Uri Uri { get; }

    public static Result<ServiceAddress> Create(string? text) => text switch
    {
        _ when text?.StartsWith(UnixPrefix, StringComparison.Ordinal) is true => CreateSocket(text[UnixPrefix.Length..]),
        _ when text?.Length > MemoryPrefix.Length && text.StartsWith(MemoryPrefix, StringComparison.Ordinal) => new ServiceAddress(null, text[MemoryPrefix.Length..], Nowhere),
        _ when Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" => uri is { PathAndQuery: "/", UserInfo: "", Fragment: "" }
            ? new ServiceAddress(null, null, uri)
            : Error.Invalid("BAD_ADDRESS", $"'{Text.Shorten(text)}' is more than an address: 'http://host:port' is expected, and nothing after the port"),
        _ => Error.Invalid("BAD_ADDRESS", $"'{Text.Shorten(text)}' is not an address: 'unix:/path/to.sock' or 'http://host:port' is expected"),
    };

    /// <summary>A handler that connects to this address, whatever host a request names.</summary>
    public SocketsHttpHandler CreateHandler()
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = System.Diagnostics.DistributedContextPropagator.Current,
        };
        if (SocketPath is { } path)
        {
            handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(path, cancellationToken);
        }
        else if (MemoryName is { } name)
        {
            handler.ConnectCallback = (_, cancellationToken) => MemoryListener.ConnectAsync(name, cancellationToken);
        }

        return handler;
    }

    public override string ToString() => MemoryName is { } name ? MemoryPrefix + name : SocketPath is { } path ? UnixPrefix + path : Uri?.GetLeftPart(UriPartial.Authority) ?? "";

    private static Result<ServiceAddress> CreateSocket(string path)
    {
        if (path.Length < 2 || path[0] != '/')
        {
            return Error.Invalid("BAD_ADDRESS", $"'{UnixPrefix}{Text.Shorten(path)}' is not an address: the full path of a socket is expected, such as 'unix:/path/to.sock'");
        }

        return Encoding.UTF8.GetByteCount(path) <= MaximumPath
            ? new ServiceAddress(path, null, Nowhere)
            : Error.Invalid("BAD_ADDRESS", $"'{UnixPrefix}{Text.Shorten(path)}' has a path of {Encoding.UTF8.GetByteCount(path)} bytes: the system takes no socket's path beyond {MaximumPath}");
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
