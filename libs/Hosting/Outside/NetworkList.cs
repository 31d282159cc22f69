using System.Net;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Outside;

/// <summary>Networks that an operator names in one setting, in CIDR with commas between, such as <c>10.20.0.0/16,fd00:20::/32</c>.</summary>
public static class NetworkList
{
    /// <summary>The networks of a text without faults.</summary>
    public static IPNetwork[] Parse(string text) => [.. Written(text).Select(IPNetwork.Parse)];

    /// <param name="setting">The setting's name, such as <c>Garden:Webhooks:AllowedNetworks</c>.</param>
    /// <param name="text">What it is set to.</param>
    /// <returns>What is no network, each in words that name the setting.</returns>
    public static IEnumerable<string> Faults(string setting, string text) => Written(text).Where(network => !IPNetwork.TryParse(network, out _)).Select(network =>
        $"{setting} has '{Text.Shorten(network)}': networks in CIDR are expected, such as 10.20.0.0/16 (environment: {setting.Replace(":", "__", StringComparison.Ordinal)})");

    private static string[] Written(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
