using ModelGarden.Formats.Archives;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Pickles;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Torch;

/// <summary>A zip that torch wrote: a pickle beside the storages that it asks for, and little else.</summary>
internal sealed class TorchZip(ZipMembers members, Findings findings, Walk walk)
{
    private const string Pickle = "data.pkl";
    private static readonly string[] Known = ["version", "byteorder", ".format_version", ".storage_alignment", ".data/serialization_id"];
    private readonly StorageIds _ids = new(StorageLayout.Zip);
    private readonly PickleTensors _tensors = new();
    private readonly Dictionary<string, long> _places = new(StringComparer.Ordinal);
    private readonly HashSet<ZipMember> _storages = [];
    private PickleValue _root = PickleValue.Unknown;
    private bool _isLittleEndian = true;

    public static bool IsPickle(ZipMember member) =>
        member.Name.EndsWith(Pickle, StringComparison.OrdinalIgnoreCase) && (member.Name.Length == Pickle.Length || member.Name[^(Pickle.Length + 1)] == '/');

    public TorchFacts Examine(List<ZipMember> all)
    {
        var pickles = all.Where(IsPickle).ToList();
        var prefix = pickles[0].Name[..^Pickle.Length];
        foreach (var extra in pickles.Skip(1))
        {
            findings.Suspicious("torch.extra-pickle", $"a second pickle, '{Text.Shorten(extra.Name)}', is in the checkpoint: loaders disagree on which is meant", extra.HeaderOffset);
        }

        pickles.ForEach(Follow);
        FindStorages(all, prefix);
        foreach (var member in all.Except(pickles))
        {
            Examine(member, prefix);
        }

        if (walk.Depth == 0)
        {
            walk.Checkpoint = new(_root, _places, _isLittleEndian);
        }

        return TorchCheckpoint.Facts("zip", _root, _tensors, _ids.Storages.Count);
    }

    private void Follow(ZipMember member) =>
        members.Examine(member, (content, length) => Whole.Read(content, length, members.Of(member), walk, (whole, size) => Follow(whole, size, members.Of(member))));

    private FileFormat? Follow(Stream content, long length, Findings inside)
    {
        using var reader = new ByteReader(content, length, walk.CancellationToken);
        var machine = new PickleMachine(reader, inside, new(walk) { Storages = _ids, Tensors = _tensors });
        if (machine.Run())
        {
            _root = machine.Result;
            new PickleExaminer(reader, inside, walk).ExamineRest();
        }

        if (reader.Failure is { } failure)
        {
            inside.Add(failure);
        }

        return FileFormat.Pickle;
    }

    private void FindStorages(List<ZipMember> all, string prefix)
    {
        var byName = all.GroupBy(member => member.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        foreach (var storage in _ids.Storages.Values)
        {
            if (!byName.TryGetValue($"{prefix}data/{storage.Key}", out var member))
            {
                findings.Suspicious("torch.storage", $"the pickle asks for storage '{storage.Key}', which is not in the file");
            }
            else if (members.StoredAt(member) is not { } offset || member.Size != storage.Elements * storage.Type.Width)
            {
                findings.Suspicious("torch.storage", $"storage '{storage.Key}' has {member.Size} bytes, or is packed: {storage.Elements} of {storage.Type.Name} were asked for", member.HeaderOffset);
            }
            else
            {
                _storages.Add(member);
                _places[storage.Key] = offset;
            }
        }
    }

    private void Examine(ZipMember member, string prefix)
    {
        var name = member.Name.StartsWith(prefix, StringComparison.Ordinal) ? member.Name[prefix.Length..] : null;
        if (_storages.Contains(member))
        {
            LookTwice(member);
            return;
        }

        var format = members.Examine(member);
        if (name is not null && (name.StartsWith("code/", StringComparison.Ordinal) || name == "constants.pkl"))
        {
            findings.Suspicious("torch.script", $"'{Text.Shorten(member.Name)}' belongs to a compiled program, which runs when it is loaded", member.HeaderOffset);
        }
        else if (format is FileFormat.Pickle)
        {
            findings.Suspicious("torch.extra-pickle", $"a second pickle, '{Text.Shorten(member.Name)}', is in the checkpoint", member.HeaderOffset);
        }
        else if (!Known.Contains(name))
        {
            findings.Suspicious("torch.extra-member", $"'{Text.Shorten(member.Name)}' is in the checkpoint, and its pickle does not ask for it", member.HeaderOffset);
        }
        else if (name == "byteorder")
        {
            ReadByteOrder(member);
        }
    }

    // Bytes of a tensor can be a pickle by accident, but they name no imports by accident.
    private void LookTwice(ZipMember member)
    {
        if (member.Size > 0 && members.StoredAt(member) is { } offset)
        {
            using var storage = new ByteReader(members.Reader.Part(offset, member.Size), member.Size, walk.CancellationToken);
            SecondReading.Look(storage, members.Of(member), walk);
        }
    }

    // What it says decides what every number in the file is: it is read, or the file is not believed.
    private void ReadByteOrder(ZipMember member)
    {
        if (members.StoredAt(member) is not { } offset)
        {
            findings.Suspicious("torch.byte-order", "the checkpoint's byte order is packed, as no exporter writes it", member.HeaderOffset);
            return;
        }

        members.Reader.SeekTo(offset);
        var order = members.Reader.Peek((int)Math.Min(member.Size, 16));
        _isLittleEndian = order.SequenceEqual("little"u8);
        if (!_isLittleEndian && !order.SequenceEqual("big"u8))
        {
            findings.Suspicious("torch.byte-order", "the checkpoint's byte order is neither little nor big", member.HeaderOffset);
        }
    }
}
