using System.Text.Json;

namespace ModelGarden.Catalog.Facts;

/// <summary>What the configuration of an adapter (PEFT) says of what it adapts.</summary>
/// <param name="BaseModel">namespace/name; null: it names none, or a folder of its maker's machine.</param>
internal sealed record AdapterConfig(string? BaseModel)
{
    public const string FileName = "adapter_config.json";

    /// <summary>Null: it is no adapter's configuration.</summary>
    public static AdapterConfig? Read(byte[]? content)
    {
        try
        {
            using var json = JsonDocument.Parse(content ?? "null"u8.ToArray());
            return json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty("base_model_name_or_path", out var named)
                ? new(named.ValueKind is JsonValueKind.String && RepositoryName.Create(named.GetString()) is { Error: null } name ? name.Value.Value : null)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second: its text is no Unicode.
            return null;
        }
    }
}
