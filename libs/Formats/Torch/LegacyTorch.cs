using System.Numerics;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Pickles;

namespace ModelGarden.Formats.Torch;

/// <summary>
/// A checkpoint as torch wrote it before 1.6: pickles of a magic number (read already), a protocol, a description of the machine, the object and the
/// storages' keys, then each storage: how many elements, and their bytes.
/// </summary>
internal sealed class LegacyTorch(ByteReader reader, Findings findings, Walk walk)
{
    public static readonly BigInteger MagicNumber = BigInteger.Parse("1950a86a20f9469cfc6c", System.Globalization.NumberStyles.AllowHexSpecifier);

    private const int ProtocolVersion = 1001;
    private readonly StorageIds _ids = new(StorageLayout.Legacy);
    private readonly PickleTensors _tensors = new();
    private readonly Dictionary<string, long> _places = new(StringComparer.Ordinal);

    public TorchFacts? Examine()
    {
        if (Next(null)?.Integer is not ProtocolVersion)
        {
            findings.Suspicious("torch.protocol", $"the checkpoint's protocol is not {ProtocolVersion}", reader.Position);
        }

        var isLittleEndian = IsLittleEndian(Next(null));
        if (Next(_ids) is not { } root || Next(null) is not { } keys)
        {
            return null;
        }

        ReadStorages(keys);
        if (reader is { Failed: false, Remaining: > 0 })
        {
            findings.Suspicious("pickle.trailing", $"{reader.Remaining} bytes follow the last storage", reader.Position);
            new PickleExaminer(reader, findings, walk).ExamineRest();
        }

        if (walk.Depth == 0)
        {
            walk.Checkpoint = new(root, _places, isLittleEndian);
        }

        return TorchCheckpoint.Facts("legacy", root, _tensors, _ids.Storages.Count);
    }

    private PickleValue? Next(StorageIds? ids)
    {
        var machine = new PickleMachine(reader, findings, new(walk) { Storages = ids, Tensors = _tensors });
        return machine.Run() ? machine.Result : null;
    }

    private static bool IsLittleEndian(PickleValue? description) =>
        (description?.Node as DictNode)?.Items.LastOrDefault(item => item.Key.Text == "little_endian").Value.Boolean ?? false;

    private void ReadStorages(PickleValue keys)
    {
        if (keys.Items() is not { } list || list.Any(key => key.Text is null))
        {
            findings.Suspicious("torch.storage", "the keys of the storages are no list of text", reader.Position);
            return;
        }

        foreach (var key in list)
        {
            ReadStorage(key.Text!);
        }

        if (_places.Count < _ids.Storages.Count && !reader.Failed)
        {
            findings.Suspicious("torch.storage", $"the pickle asks for {_ids.Storages.Count} storages, the file has {_places.Count}", reader.Position);
        }
    }

    private void ReadStorage(string key)
    {
        if (reader.Failed)
        {
            return;
        }

        var count = (long)reader.U64();
        if (!_ids.Storages.TryGetValue(key, out var storage) || storage.Elements != count || !_places.TryAdd(key, reader.Position))
        {
            reader.Fail("torch.storage", $"storage '{Kernel.Text.Shorten(key)}' of {count} elements is not what the pickle asks for");
            return;
        }

        LookTwice(count);
        reader.Skip(count * storage.Type.Width);
    }

    private void LookTwice(long count)
    {
        if (reader.CanSeek && count > 0)
        {
            SecondReading.Look(reader, findings, walk);
        }
    }
}
