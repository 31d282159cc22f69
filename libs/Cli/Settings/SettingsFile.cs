using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;

namespace ModelGarden.Cli.Settings;

/// <summary>The gardens that one has logged in to, with their tokens, in a file that only its owner can read.</summary>
internal sealed class SettingsFile
{
    private const int MaximumBytes = 1 << 20;
    private readonly string _path;
    private readonly JsonObject _content;

    private SettingsFile(string path, JsonObject content) => (_path, _content) = (path, content);

    /// <summary>The address of the last login.</summary>
    public string? Current => (_content["current"] as JsonValue)?.GetValue<string>();

    private JsonObject Gardens => _content["gardens"] as JsonObject ?? AddGardens();

    public static Result<SettingsFile> Load(Terminal terminal)
    {
        var path = Path.Combine(FolderOf(terminal, "XDG_CONFIG_HOME", ".config"), "config.json");
        if (!File.Exists(path))
        {
            return new SettingsFile(path, []);
        }

        try
        {
            return new FileInfo(path).Length <= MaximumBytes && JsonNode.Parse(File.ReadAllBytes(path)) is JsonObject content
                ? new SettingsFile(path, Check(content))
                : Broken(path, "it is no JSON object");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return Broken(path, exception.Message);
        }
    }

    /// <summary>The folder of ours below one of the XDG base directories.</summary>
    public static string FolderOf(Terminal terminal, string variable, string fallback)
    {
        var home = terminal.Variable("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(terminal.Variable(variable) is { } set && Path.IsPathFullyQualified(set) ? set : Path.Combine(home, fallback), "garden");
    }

    public string? TokenOf(GardenAddress address) => (Gardens[address.ToString()]?["token"] as JsonValue)?.GetValue<string>();

    /// <summary>The client of OAuth's that the token was given to; null: none, it was made by hand.</summary>
    public string? ClientOf(GardenAddress address) => (Gardens[address.ToString()]?["client"] as JsonValue)?.GetValue<string>();

    /// <summary>Remembers a login and makes its garden the current one.</summary>
    /// <param name="address">The garden's.</param>
    /// <param name="token">For its own commands alone.</param>
    /// <param name="of">Whose it is, and the client of OAuth's that it was given to; empty: none.</param>
    public void Add(GardenAddress address, string token, (string Account, string Client) of)
    {
        var login = new JsonObject { ["token"] = token, ["account"] = of.Account };
        if (of.Client.Length > 0)
        {
            login["client"] = of.Client;
        }

        Gardens[address.ToString()] = login;
        _content["current"] = address.ToString();
        Save();
    }

    /// <summary>False: there was none.</summary>
    public bool Remove(GardenAddress address)
    {
        if (!Gardens.Remove(address.ToString()))
        {
            return false;
        }

        if (Current == address.ToString())
        {
            _content["current"] = Gardens.Select(garden => garden.Key).FirstOrDefault();
        }

        Save();
        return true;
    }

    // Read once so that a value of the wrong kind is found here and not in the middle of a command.
    private static JsonObject Check(JsonObject content)
    {
        _ = (content["current"] as JsonValue)?.GetValue<string>();
        foreach (var (_, garden) in content["gardens"]?.AsObject() ?? [])
        {
            _ = garden?["token"]?.GetValue<string>();
            _ = garden?["client"]?.GetValue<string>();
        }

        return content;
    }

    private static Error Broken(string path, string fault) =>
        Error.Conflict("SETTINGS_BROKEN", $"{path} cannot be read: {fault}: mend it, or delete it and log in again");

    private JsonObject AddGardens()
    {
        var gardens = new JsonObject();
        _content["gardens"] = gardens;
        return gardens;
    }

    /// <summary>Beside it first, then in its place: there is always a whole file, and never one that others can read.</summary>
    private void Save()
    {
        var folder = Path.GetDirectoryName(_path)!;
        var fresh = $"{_path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        File.Delete(fresh);
        using (var file = new FileStream(fresh, options))
        {
            file.Write(Encoding.UTF8.GetBytes(_content.ToJsonString(new() { WriteIndented = true })));
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, _path, overwrite: true);
    }
}
