using ModelGarden.Formats.Archives;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Pickles;

namespace ModelGarden.Formats.Torch;

/// <summary>
/// A checkpoint as torch wrote it before 0.2: a tar of pickles, with storages and the shapes of tensors between some of them. Every pickle is followed;
/// the whole is suspicious all the same, for nobody has written one in years and only the oldest loaders agree on what it is.
/// </summary>
internal sealed class TorchTar(ByteReader reader, Findings findings, Walk walk)
{
    private const int Block = TarHeader.Length;
    private const int MaximumMembers = 64;
    private readonly PickleTensors _tensors = new();
    private int _storages;

    /// <summary>True for a tar whose first member is one of those that torch wrote.</summary>
    public static bool Matches(ByteReader reader) =>
        reader.Peek(Block) is { Length: Block } head && TarHeader.Read(head).Name is "sys_info" or "pickle" or "tensors" or "storages";

    public TorchFacts Examine()
    {
        findings.Suspicious("torch.tar", "this is a torch checkpoint of before 0.2: load it with an old torch, in a place where nothing can happen, and save it anew", 0);
        for (var count = 0; reader.Remaining >= Block && !reader.Failed; count++)
        {
            var head = reader.Take(Block);
            if (count == MaximumMembers)
            {
                reader.Fail("torch.tar", $"the checkpoint has more than {MaximumMembers} members");
            }
            else if (!head.ContainsAnyExcept((byte)0))
            {
                break;
            }
            else
            {
                ExamineMember(TarHeader.Read(head));
            }
        }

        return new() { Layout = "tar", TensorCount = _tensors.Total, Tensors = [], ParametersByType = _tensors.ByType, Parameters = _tensors.Parameters, StorageCount = _storages };
    }

    private void ExamineMember(TarHeader member)
    {
        if (member.Size < 0 || member.Size > reader.Remaining)
        {
            reader.Fail("torch.tar", "a member's length is none");
            return;
        }

        var end = reader.Position + member.Size;
        switch (member.Name)
        {
            case "storages":
                ReadStorages();
                break;
            case "tensors":
                ReadTensors();
                break;
            case "pickle" or "sys_info":
                Next(new(StorageLayout.Tar));
                break;
            default:
                findings.Suspicious("torch.extra-member", $"'{Kernel.Text.Shorten(member.Name)}' is in the checkpoint, and torch writes no such member", reader.Position);
                ExamineExtra(member, end);
                break;
        }

        var padded = Math.Min(reader.Length, (end + Block - 1) / Block * Block);
        if (reader.Position > end)
        {
            reader.Fail("torch.tar", $"member '{Kernel.Text.Shorten(member.Name)}' does not end where its header says");
        }

        reader.Skip(reader.Failed ? 0 : padded - reader.Position);
    }

    private void ExamineExtra(TarHeader member, long end)
    {
        using Stream inside = reader.CanSeek ? reader.Part(reader.Position, member.Size) : new ReaderStream(reader, member.Size);
        ContentExaminer.Member(inside, member.Size, findings.Within(member.Name, reader.Position), walk, member.Name);
        if (reader.CanSeek)
        {
            reader.SeekTo(end);
        }
    }

    private PickleValue Next(StorageIds? ids)
    {
        var machine = new PickleMachine(reader, findings, new(walk) { Storages = ids, Tensors = _tensors });
        machine.Run();
        return machine.Result;
    }

    private void ReadStorages()
    {
        var count = Next(null).Integer ?? 0;
        for (var index = 0L; index < count && !reader.Failed; index++)
        {
            if (Next(null).Tuple is not [_, _, { Global: { } type }] || TorchTypes.OfStorage(type.Attribute) is not { } element)
            {
                reader.Fail("torch.tar", "a storage's description is none");
                return;
            }

            _storages++;
            var elements = (long)reader.U64();
            reader.Skip(elements < 0 || elements > reader.Remaining ? -1 : elements * element.Width);
        }

        Next(null);
    }

    private void ReadTensors()
    {
        var count = Next(null).Integer ?? 0;
        for (var index = 0L; index < count && !reader.Failed; index++)
        {
            Next(null);
            var rank = (long)reader.U64();
            reader.Skip(rank is >= 0 and <= 64 ? (16 * rank) + 8 : -1);
        }
    }
}
