using System.Globalization;
using System.Net;
using ModelGarden.Kernel;

namespace ModelGarden.AppHost;

/// <summary>What a garden on one machine can be told, all of it by environment variables, all of it optional.</summary>
/// <param name="Port">GARDEN_PORT, HTTP/1.1; default 8080.</param>
/// <param name="GrpcPort">GARDEN_GRPC_PORT, HTTP/2 without TLS; default 8081.</param>
/// <param name="Bind">GARDEN_BIND, the address to listen on; default 127.0.0.1: other machines are let in by choice.</param>
/// <param name="Data">GARDEN_DATA, the folder that holds everything; default ./.garden.</param>
/// <param name="AdminToken">GARDEN_ADMIN_TOKEN; null: the one kept in the data folder, made at first start.</param>
/// <param name="Database">GARDEN_DATABASE, a PostgreSQL connection string; empty: SQLite in the data folder.</param>
/// <param name="Log">GARDEN_LOG, the least level of log lines shown; default Warning.</param>
/// <param name="Sample">GARDEN_SAMPLE, whether the first start loads the sample models; default true.</param>
internal sealed record GardenSettings(
    int Port, int GrpcPort, IPAddress Bind, string Data, string? AdminToken, string Database, string Log, bool Sample)
{
    private const int MinimumTokenLength = 20;

    public static Result<GardenSettings> FromEnvironment(Func<string, string?> read)
    {
        var port = PortOf(read, "GARDEN_PORT", 8080);
        var grpcPort = PortOf(read, "GARDEN_GRPC_PORT", 8081);
        if (port.Error is not null || grpcPort.Error is not null)
        {
            return port.Error ?? grpcPort.Error!;
        }

        if (port.Value == grpcPort.Value)
        {
            return Error.Invalid("SAME_PORT", $"GARDEN_PORT and GARDEN_GRPC_PORT are both {port.Value}: without TLS a port speaks either HTTP/1.1 or HTTP/2, so two are needed");
        }

        var token = read("GARDEN_ADMIN_TOKEN");
        if (token is { Length: > 0 and < MinimumTokenLength })
        {
            return Error.Invalid("SHORT_ADMIN_TOKEN", $"GARDEN_ADMIN_TOKEN has {token.Length} characters: use at least {MinimumTokenLength}, or unset it to have one made");
        }

        if (!IPAddress.TryParse(read("GARDEN_BIND") is { Length: > 0 } text ? text : "127.0.0.1", out var bind))
        {
            return Error.Invalid("BAD_BIND", $"GARDEN_BIND is '{Text.Shorten(read("GARDEN_BIND"))}': an IP address is expected, such as 127.0.0.1 or 0.0.0.0");
        }

        return new GardenSettings(
            port.Value,
            grpcPort.Value,
            bind,
            Path.GetFullPath(read("GARDEN_DATA") is { Length: > 0 } data ? data : ".garden"),
            token is { Length: > 0 } ? token : null,
            read("GARDEN_DATABASE") ?? "",
            read("GARDEN_LOG") is { Length: > 0 } log ? log : "Warning",
            !string.Equals(read("GARDEN_SAMPLE"), "false", StringComparison.OrdinalIgnoreCase));
    }

    private static Result<int> PortOf(Func<string, string?> read, string name, int fallback) => read(name) switch
    {
        null or "" => fallback,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= IPEndPoint.MaxPort => port,
        var text => Error.Invalid("BAD_PORT", $"{name} is '{Text.Shorten(text)}': a port from 1 to {IPEndPoint.MaxPort} is expected"),
    };
}
