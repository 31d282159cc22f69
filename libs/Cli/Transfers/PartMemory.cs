using System.Globalization;
using ModelGarden.Cli.Output;
using ModelGarden.Cli.Settings;

namespace ModelGarden.Cli.Transfers;

/// <summary>
/// Which parts of a large file have arrived, kept on this machine so that a later run goes on where an earlier one was broken off. One small
/// file for each upload, a line for each part; good only for the very same upload at the garden.
/// </summary>
internal sealed class PartMemory
{
    private const int MaximumBytes = 4 << 20;
    private readonly string _path;
    private readonly string _upload;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, string> _etags = [];

    private PartMemory(string path, string upload) => (_path, _upload) = (path, upload);

    /// <param name="terminal">Where the state folder is.</param>
    /// <param name="sha256">Of the file.</param>
    /// <param name="completion">The upload's address at the garden; its signature does not count.</param>
    /// <param name="partSize">In bytes.</param>
    public static PartMemory Open(Terminal terminal, string sha256, string completion, long partSize)
    {
        var folder = Path.Combine(SettingsFile.FolderOf(terminal, "XDG_STATE_HOME", Path.Combine(".local", "state")), "uploads");
        Directory.CreateDirectory(folder);
        var memory = new PartMemory(Path.Combine(folder, sha256), string.Create(CultureInfo.InvariantCulture, $"{completion.Split('?')[0]} {partSize}"));
        memory.Load();
        return memory;
    }

    public string? EtagOf(int number)
    {
        lock (_gate)
        {
            return _etags.GetValueOrDefault(number);
        }
    }

    public IReadOnlyList<(int Number, string Etag)> All()
    {
        lock (_gate)
        {
            return [.. _etags.OrderBy(part => part.Key).Select(part => (part.Key, part.Value))];
        }
    }

    public void Add(int number, string etag)
    {
        lock (_gate)
        {
            _etags[number] = etag;
            if (!File.Exists(_path))
            {
                File.WriteAllText(_path, _upload + "\n");
            }

            File.AppendAllText(_path, string.Create(CultureInfo.InvariantCulture, $"{number} {etag}\n"));
        }
    }

    public void Forget()
    {
        lock (_gate)
        {
            _etags.Clear();
            File.Delete(_path);
        }
    }

    private void Load()
    {
        if (!File.Exists(_path) || new FileInfo(_path).Length > MaximumBytes || File.ReadAllText(_path) is var text && text.Split('\n') is var lines && lines[0] != _upload)
        {
            Forget();
            return;
        }

        // The last line may be half: only those with an end count.
        foreach (var line in lines[1..^1])
        {
            if (line.Split(' ', 2) is [var number, { Length: > 0 } etag] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var part))
            {
                _etags[part] = etag;
            }
        }
    }
}
