using System.Text.Json.Nodes;
using ModelGarden.Testing;

namespace ModelGarden.Xet.Tests;

/// <summary>
/// The same bytes as the Hugging Face client hashes them, in a Node process of its own. The package is fetched once, as the lock file has it.
/// </summary>
public sealed class PeerHashes : IAsyncLifetime
{
    private static readonly string Folder = Repo.PathOf("tests/Xet.Tests/node");

    /// <summary>The key under which the peer hashes each chunk's hash again.</summary>
    public static XetHash Key { get; } = XetHash.FromBytes(Bytes.SplitMix64(99, XetHash.Size));

    public async ValueTask InitializeAsync()
    {
        // npm writes this file last: without it an install was broken off, and an older one is not of this lock file.
        if (File.GetLastWriteTimeUtc(Path.Combine(Folder, "node_modules", ".package-lock.json")) < File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
        {
            await Programs.RunAsync("npm", ["ci", "--ignore-scripts"], Folder, new Dictionary<string, string>());
        }
    }

    public static async Task<IReadOnlyDictionary<string, JsonNode>> OfAsync(IReadOnlyDictionary<string, byte[]> inputs)
    {
        var folder = Directory.CreateTempSubdirectory("xet-");
        try
        {
            foreach (var (name, bytes) in inputs)
            {
                await File.WriteAllBytesAsync(Path.Combine(folder.FullName, name), bytes, TestContext.Current.CancellationToken);
            }

            var settings = new Dictionary<string, string> { ["FOLDER"] = folder.FullName, ["KEY"] = Key.ToString() };
            var lines = await Programs.RunAsync("node", ["hash-files.mjs"], Folder, settings);
            return lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToDictionary(found => (string)found["name"]!);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
