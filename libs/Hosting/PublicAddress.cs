using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting;

/// <summary>The address under which clients reach this garden: the one that is set, else the one that the Gateway was called by.</summary>
public sealed partial class PublicAddress(IOptions<GardenOptions> options)
{
    /// <summary>Scheme, host and port without a slash at the end, such as <c>https://garden.example</c>.</summary>
    public Result<string> Of(HttpContext http)
    {
        if (options.Value.PublicUrl is { Length: > 0 } configured)
        {
            return configured.TrimEnd('/');
        }

        var headers = http.Request.Headers;
        var scheme = headers["X-Forwarded-Proto"].ToString() is { Length: > 0 } forwarded ? forwarded : http.Request.Scheme;
        var host = headers["X-Forwarded-Host"].ToString() is { Length: > 0 } named ? named : http.Request.Host.Value ?? "";
        return scheme is "http" or "https" && HostPattern.IsMatch(host)
            ? $"{scheme}://{host}"
            : Error.Invalid("BAD_HOST", $"'{Text.Shorten(host)}' is not a host name that addresses can be made of");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._\-]{1,253}(:[0-9]{1,5})?\z|\A\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?\z")]
    private static partial Regex HostPattern { get; }
}
