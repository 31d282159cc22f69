namespace ModelGarden.Cli.Garden;

/// <summary>A garden's public address: http or https, a host, perhaps a path, nothing else. Written without the last slash.</summary>
internal readonly record struct GardenAddress
{
    public const string Default = "http://localhost:8080";
    private readonly string? _value;

    private GardenAddress(string value) => _value = value;

    public bool IsPlainToOthers => Base is { Scheme: "http", IsLoopback: false };

    /// <summary>With a slash at its end, so that paths can be put behind it.</summary>
    public Uri Base => new(ToString() + "/");

    public static Result<GardenAddress> Create(string? text)
    {
        var whole = text?.Trim() ?? "";
        if (!whole.Contains("://", StringComparison.Ordinal))
        {
            whole = IsLocal(whole) ? $"http://{whole}" : $"https://{whole}";
        }

        return Uri.TryCreate(whole, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https" && uri is { Host.Length: > 0, Query.Length: 0, Fragment.Length: 0, UserInfo.Length: 0 }
            ? new GardenAddress(uri.GetLeftPart(UriPartial.Path).TrimEnd('/'))
            : Error.Invalid("BAD_ADDRESS", $"'{Text.Shorten(text)}' is not a garden's address: one such as {Default} is expected");
    }

    public override string ToString() => _value ?? throw new InvalidOperationException("default address");

    private static bool IsLocal(string text) =>
        Uri.TryCreate($"http://{text}", UriKind.Absolute, out var uri) && uri.IsLoopback;
}
