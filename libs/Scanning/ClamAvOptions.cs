using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace ModelGarden.Scanning;

/// <summary>Section <c>Garden:ClamAv</c>.</summary>
public sealed class ClamAvOptions
{
    public const string Section = "Garden:ClamAv";

    /// <summary>Where clamd listens: <c>unix:/run/clamav/clamd.ctl</c> or <c>tcp:host:3310</c>. Empty: files are not scanned.</summary>
    public string Address { get; set; } = "";

    /// <summary>Larger files are not sent, in bytes; no more than clamd's own <c>StreamMaxLength</c>.</summary>
    public long MaximumSize { get; set; } = 100_000_000;

    /// <summary>How long a scan may take.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Null: the address is none.</summary>
    public EndPoint? EndPoint => Address.Split(':', 2) switch
    {
        ["unix", ['/', ..] path] => new UnixDomainSocketEndPoint(path),
        ["tcp", var place] when place.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) =>
            new DnsEndPoint(place[..colon].Trim('[', ']'), port),
        _ => null,
    };

    public IEnumerable<string> Faults()
    {
        if (Address.Length > 0 && EndPoint is null)
        {
            yield return $"Garden:ClamAv:Address is '{Address}': unix:/path/of/socket or tcp:host:port is expected";
        }

        if (MaximumSize < 1 || Timeout <= TimeSpan.Zero)
        {
            yield return "Garden:ClamAv:MaximumSize is at least 1, and Timeout longer than nothing, such as 00:02:00";
        }
    }
}

internal sealed class ClamAvOptionsValidator : IValidateOptions<ClamAvOptions>
{
    public ValidateOptionsResult Validate(string? name, ClamAvOptions options) =>
        options.Faults().ToList() is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
}
