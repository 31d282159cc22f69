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
    private const int MaximumTokenLength = 512;

    // Services know these by the name that they have in a garden of many processes.
    private static readonly (string Theirs, string Own)[] Names =
    [
        (" (environment: Garden__Database)", ""),
        (" (environment: Garden__AdminToken)", ""),
        ("Garden:Database", "GARDEN_DATABASE"),
        ("Garden:AdminToken", "GARDEN_ADMIN_TOKEN, or admin-token in the data folder,"),
    ];

    public static Result<GardenSettings> FromEnvironment(Func<string, string?> read)
    {
        var (port, grpcPort) = (PortOf(read, "GARDEN_PORT", 8080), PortOf(read, "GARDEN_GRPC_PORT", 8081));
        var (bind, token, log, sample) = (BindOf(read("GARDEN_BIND")), TokenOf(read("GARDEN_ADMIN_TOKEN")), LogOf(read("GARDEN_LOG")), SampleOf(read("GARDEN_SAMPLE")));
        if ((port.Error ?? grpcPort.Error ?? bind.Error ?? token.Error ?? log.Error ?? sample.Error) is { } error)
        {
            return error;
        }

        if (port.Value == grpcPort.Value)
        {
            return Error.Invalid("SAME_PORT", $"GARDEN_PORT and GARDEN_GRPC_PORT are both {port.Value}: without TLS a port speaks either HTTP/1.1 or HTTP/2, so two are needed");
        }

        return new GardenSettings(
            port.Value,
            grpcPort.Value,
            bind.Value,
            Path.GetFullPath(read("GARDEN_DATA") is { Length: > 0 } data ? data : ".garden"),
            token.Value is { Length: > 0 } given ? given : null,
            read("GARDEN_DATABASE") ?? "",
            log.Value,
            sample.Value);
    }

    /// <summary>A fault that a service found in its settings, by the names that they have here.</summary>
    public static string InOwnWords(string fault) => Names.Aggregate(fault, (text, name) => text.Replace(name.Theirs, name.Own, StringComparison.Ordinal));

    private static Result<int> PortOf(Func<string, string?> read, string name, int fallback) => read(name) switch
    {
        null or "" => fallback,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= IPEndPoint.MaxPort => port,
        var text => Error.Invalid("BAD_PORT", $"{name} is '{Text.Shorten(text)}': a port from 1 to {IPEndPoint.MaxPort} is expected"),
    };

    private static Result<IPAddress> BindOf(string? text) => text switch
    {
        null or "" => IPAddress.Loopback,
        _ when IPAddress.TryParse(text, out var bind) => bind,
        _ => Error.Invalid("BAD_BIND", $"GARDEN_BIND is '{Text.Shorten(text)}': an IP address is expected, such as 127.0.0.1, 0.0.0.0 or ::1"),
    };

    // The token is never shown: a mistyped one is nearly the right one.
    private static Result<string> TokenOf(string? token) => token switch
    {
        null or "" => "",
        { Length: < MinimumTokenLength or > MaximumTokenLength } => Error.Invalid(
            "BAD_ADMIN_TOKEN", $"GARDEN_ADMIN_TOKEN has {token.Length} characters: use {MinimumTokenLength} to {MaximumTokenLength}, or unset it to have one made"),
        _ when token.Any(c => c is <= ' ' or > '~') => Error.Invalid(
            "BAD_ADMIN_TOKEN", "GARDEN_ADMIN_TOKEN has a space, or a character that is not ASCII: use letters, digits and signs, or unset it to have one made"),
        _ => token,
    };

    private static Result<string> LogOf(string? text) => text switch
    {
        null or "" => nameof(LogLevel.Warning),
        _ when Enum.GetNames<LogLevel>().FirstOrDefault(name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase)) is { } level => level,
        _ => Error.Invalid("BAD_LOG", $"GARDEN_LOG is '{Text.Shorten(text)}': one of {string.Join(", ", Enum.GetNames<LogLevel>())} is expected"),
    };

    private static Result<bool> SampleOf(string? text) => text switch
    {
        null or "" => true,
        _ when bool.TryParse(text, out var sample) => sample,
        _ => Error.Invalid("BAD_SAMPLE", $"GARDEN_SAMPLE is '{Text.Shorten(text)}': true or false is expected"),
    };
}
