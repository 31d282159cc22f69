using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Files;

namespace ModelGarden.Search.Engines.Embedded.Live;

/// <summary>A segment's file, and which of its rows are dead; an empty set: none.</summary>
internal sealed record SegmentEntry(string Name, int Rows)
{
    [JsonIgnore]
    public ulong[] Dead { get; init; } = [];
}

/// <summary>
/// What an index is at a position of the feed: its segments, and the log that goes on from there. Replaced as a whole: written beside, flushed to the
/// disk, then renamed.
/// </summary>
/// <param name="Position">All changes up to it are in the segments.</param>
/// <param name="IsWhole">The feed had said all there was once: the index may answer.</param>
/// <param name="Log">The number of the first log that goes on from here.</param>
/// <param name="Segments">In no order.</param>
internal sealed record Manifest(long Position, bool IsWhole, int Log, IReadOnlyList<SegmentEntry> Segments)
{
    public const string FileName = "manifest";
    private const string Unfinished = ".new";
    private const int Buffer = 1 << 12;
    private const uint Version = 1;
    private const int Content = 1;
    private const int FirstDead = 2;

    public static Manifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        using var file = new SectionFile(path, Version);
        try
        {
            var manifest = JsonSerializer.Deserialize(file[Content].Span, ManifestJson.Default.Manifest) ?? throw file.Damage("it says nothing");
            return manifest with { Segments = [.. manifest.Segments.Select((segment, i) => segment with { Dead = DeadIn(file, i, segment) })] };
        }
        catch (JsonException exception)
        {
            throw file.Damage(exception.Message);
        }
    }

    /// <summary>Writes it; in force after a power cut it is when the folder is flushed.</summary>
    public void Write(IndexDisk disk, string folder)
    {
        var path = Path.Combine(folder, FileName);
        using (var stream = disk.Create(path + Unfinished, Buffer))
        {
            var writer = new SectionWriter(stream);
            writer.Begin(Version);
            writer.Section<byte>(Content, JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.Manifest));
            foreach (var (i, segment) in Segments.Index())
            {
                writer.Section<ulong>(FirstDead + i, segment.Dead);
            }

            writer.Finish();
            stream.Flush(flushToDisk: true);
        }

        // What it names has to be there before it is.
        disk.FlushFolder(folder);
        disk.Move(path + Unfinished, path);
    }

    private static ulong[] DeadIn(SectionFile file, int index, SegmentEntry segment)
    {
        var dead = MemoryMarshal.Cast<byte, ulong>(file[FirstDead + index].Span);
        return dead.IsEmpty || dead.Length == Bits.WordsFor(segment.Rows) ? dead.ToArray() : throw file.Damage($"the dead rows of {segment.Name} are not as many as it has");
    }
}

[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
