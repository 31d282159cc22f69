using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ModelGarden.Formats.Tests.Pickles;

/// <summary>Makes checkpoints as torch writes them, and as it does not.</summary>
internal static class TorchBuilder
{
    /// <summary>Sixteen bytes, so that it holds four floats.</summary>
    public static readonly byte[] Storage = [.. Enumerable.Range(1, 16).Select(number => (byte)number)];

    /// <summary>A dictionary of one tensor <c>w</c> of four floats, all of storage 0.</summary>
    public static byte[] Pickle(Action<PickleAssembler>? tensor = null) => PickleAssembler.Make(pickle =>
    {
        pickle.Proto(2).EmptyDict().Text("w");
        (tensor ?? (plain => plain.Tensor("FloatStorage", "0", 4, 0, 4, 1)))(pickle);
        pickle.SetItem().Stop();
    });

    public static byte[] Zip(params (string Name, byte[] Content)[] extra) => Zip(Pickle(), extra);

    public static byte[] Zip(byte[] pickle, params (string Name, byte[] Content)[] extra) =>
        ZipTests.Zip(CompressionLevel.NoCompression, [("m/data.pkl", pickle), ("m/data/0", Storage), .. extra, ("m/version", "3\n"u8.ToArray())]);

    public static byte[] Legacy(byte[] pickle, bool isLittleEndian = true, byte[]? storage = null, params byte[] behind) =>
    [
        .. PickleAssembler.Make(magic => magic.Proto(2).Long1(0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19).Stop()),
        .. PickleAssembler.Make(protocol => protocol.Proto(2).BinInt(1001).Stop()),
        .. PickleAssembler.Make(system => Boolean(system.Proto(2).EmptyDict().Text("little_endian"), isLittleEndian).SetItem().Stop()),
        .. pickle,
        .. PickleAssembler.Make(keys => keys.Proto(2).EmptyList().Text("0").Append().Stop()),
        .. BitConverter.GetBytes(4L),
        .. storage ?? Storage,
        .. behind,
    ];

    /// <summary>A tensor in a legacy pickle, where a storage's id has a place for a view.</summary>
    public static void LegacyTensor(PickleAssembler pickle) => pickle
        .Global("torch._utils", "_rebuild_tensor_v2").Mark()
        .Mark().Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").BinInt(4).None().Tuple().BinPersId()
        .BinInt(0).BinInt(4).Tuple1().BinInt(1).Tuple1().False().OrderedDict().Tuple().Reduce();

    /// <summary>A member of a tar, as torch wrote them before 0.2, and the end of the tar.</summary>
    public static byte[] Tar(byte[] content, string magic = "ustar", string name = "pickle")
    {
        var head = new byte[512];
        Encoding.ASCII.GetBytes(name).CopyTo(head, 0);
        Encoding.ASCII.GetBytes(Convert.ToString(content.Length, 8).PadLeft(11, '0')).CopyTo(head, 124);
        Encoding.ASCII.GetBytes(magic).CopyTo(head, 257);
        TarSum(head);
        return [.. head, .. content, .. new byte[1024 + 512 - (content.Length % 512)]];
    }

    /// <summary>A whole tar as torch wrote it before 0.2: one storage of four floats, and one tensor that has all of it.</summary>
    public static byte[] Tar() =>
    [
        .. Tar(PickleAssembler.Make(system => system.Proto(2).EmptyDict().Text("little_endian").True().SetItem().Stop()), name: "sys_info")[..^1024],
        .. Tar(
        [
            .. PickleAssembler.Make(count => count.Proto(2).BinInt1(1).Stop()),
            .. PickleAssembler.Make(storage => storage.Proto(2).Text("1").Text("cpu").Global("torch", "FloatStorage").Tuple3().Stop()),
            .. BitConverter.GetBytes(4L),
            .. Storage,
            .. PickleAssembler.Make(views => views.Proto(2).EmptyList().Stop()),
        ], name: "storages")[..^1024],
        .. Tar(
        [
            .. PickleAssembler.Make(count => count.Proto(2).BinInt1(1).Stop()),
            .. PickleAssembler.Make(tensor => tensor.Proto(2).Text("2").Text("1").Global("torch", "FloatTensor").Tuple3().Stop()),
            .. new[] { 1L, 4, 1, 0 }.SelectMany(BitConverter.GetBytes),
        ], name: "tensors")[..^1024],
        .. Tar(PickleAssembler.Make(pickle => pickle.Proto(2).EmptyDict().Text("w").PersId("2").SetItem().Stop())),
    ];

    /// <summary>Sets the checksum of the header that the bytes begin with.</summary>
    public static void TarSum(byte[] tar)
    {
        tar.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes(Convert.ToString(tar.Take(512).Sum(value => value), 8).PadLeft(6, '0') + "\0").CopyTo(tar, 148);
    }

    /// <summary>Changes a field of one member's entry in the directory, or of its own header.</summary>
    public static byte[] Patch(byte[] zip, string name, int field, ushort value, bool inDirectory)
    {
        var bytes = (byte[])zip.Clone();
        var entry = FindEntry(bytes, name, inDirectory);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(entry + field), value);
        return bytes;
    }

    private static int FindEntry(byte[] bytes, string name, bool inDirectory)
    {
        var text = Encoding.ASCII.GetBytes(name);
        var (signature, length) = inDirectory ? ("PK\u0001\u0002"u8.ToArray(), 46) : ("PK\u0003\u0004"u8.ToArray(), 30);
        for (var at = 0; at + length + text.Length <= bytes.Length; at++)
        {
            if (bytes.AsSpan(at).StartsWith(signature) && bytes.AsSpan(at + length).StartsWith(text))
            {
                return at;
            }
        }

        throw new InvalidOperationException($"no entry {name}");
    }

    private static PickleAssembler Boolean(PickleAssembler pickle, bool value) => value ? pickle.True() : pickle.False();
}
