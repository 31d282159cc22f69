using System.Buffers.Binary;
using System.Text;

namespace ModelGarden.Formats.Tests.Pickles;

/// <summary>Writes pickles opcode by opcode, by the names of Python's <c>pickletools</c>: whatever a pickler would never write, too.</summary>
internal sealed class PickleAssembler
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    public static byte[] Make(Action<PickleAssembler> write)
    {
        var assembler = new PickleAssembler();
        write(assembler);
        return [.. assembler._bytes];
    }

    public PickleAssembler Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleAssembler Proto(byte version) => Raw(0x80, version);

    public PickleAssembler Stop() => Raw((byte)'.');

    public PickleAssembler Mark() => Raw((byte)'(');

    public PickleAssembler Pop() => Raw((byte)'0');

    public PickleAssembler PopMark() => Raw((byte)'1');

    public PickleAssembler Dup() => Raw((byte)'2');

    public PickleAssembler None() => Raw((byte)'N');

    public PickleAssembler True() => Raw(0x88);

    public PickleAssembler False() => Raw(0x89);

    public PickleAssembler BinInt1(byte value) => Raw((byte)'K', value);

    public PickleAssembler BinInt(int value) => Counted((byte)'J', 4, (uint)value);

    public PickleAssembler Int(string line) => Line('I', line);

    public PickleAssembler Long1(params byte[] bytes) => Raw(0x8A, (byte)bytes.Length).Raw(bytes);

    public PickleAssembler Float(string line) => Line('F', line);

    public PickleAssembler BinFloat(double value) => Counted((byte)'G', 8, BinaryPrimitives.ReverseEndianness(BitConverter.DoubleToUInt64Bits(value)));

    public PickleAssembler Text(string value) => Counted((byte)'X', 4, (ulong)Encoding.UTF8.GetByteCount(value)).Raw(Encoding.UTF8.GetBytes(value));

    public PickleAssembler ShortText(string value) => Counted(0x8C, 1, (ulong)Encoding.UTF8.GetByteCount(value)).Raw(Encoding.UTF8.GetBytes(value));

    public PickleAssembler Unicode(string line) => Line('V', line);

    public PickleAssembler String(string literal) => Line('S', literal);

    public PickleAssembler ShortBinString(string value) => Counted((byte)'U', 1, (ulong)value.Length).Raw(Encoding.Latin1.GetBytes(value));

    public PickleAssembler Bytes(params byte[] bytes) => Counted((byte)'B', 4, (ulong)bytes.Length).Raw(bytes);

    public PickleAssembler Bytes8(ulong length, params byte[] bytes) => Counted(0x8E, 8, length).Raw(bytes);

    public PickleAssembler EmptyTuple() => Raw((byte)')');

    public PickleAssembler Tuple() => Raw((byte)'t');

    public PickleAssembler Tuple1() => Raw(0x85);

    public PickleAssembler Tuple2() => Raw(0x86);

    public PickleAssembler Tuple3() => Raw(0x87);

    public PickleAssembler EmptyList() => Raw((byte)']');

    public PickleAssembler List() => Raw((byte)'l');

    public PickleAssembler Append() => Raw((byte)'a');

    public PickleAssembler Appends() => Raw((byte)'e');

    public PickleAssembler EmptyDict() => Raw((byte)'}');

    public PickleAssembler Dict() => Raw((byte)'d');

    public PickleAssembler SetItem() => Raw((byte)'s');

    public PickleAssembler SetItems() => Raw((byte)'u');

    public PickleAssembler EmptySet() => Raw(0x8F);

    public PickleAssembler AddItems() => Raw(0x90);

    public PickleAssembler FrozenSet() => Raw(0x91);

    public PickleAssembler Put(string index) => Line('p', index);

    public PickleAssembler BinPut(byte index) => Raw((byte)'q', index);

    public PickleAssembler LongBinPut(uint index) => Counted((byte)'r', 4, index);

    public PickleAssembler Memoize() => Raw(0x94);

    public PickleAssembler Get(string index) => Line('g', index);

    public PickleAssembler BinGet(byte index) => Raw((byte)'h', index);

    public PickleAssembler LongBinGet(uint index) => Counted((byte)'j', 4, index);

    public PickleAssembler Global(string module, string name) => Line('c', module).Raw(Encoding.UTF8.GetBytes(name + "\n"));

    public PickleAssembler StackGlobal() => Raw(0x93);

    public PickleAssembler Import(string module, string name) => ShortText(module).ShortText(name).StackGlobal();

    public PickleAssembler Reduce() => Raw((byte)'R');

    public PickleAssembler Build() => Raw((byte)'b');

    public PickleAssembler Inst(string module, string name) => Line('i', module).Raw(Encoding.UTF8.GetBytes(name + "\n"));

    public PickleAssembler Obj() => Raw((byte)'o');

    public PickleAssembler NewObj() => Raw(0x81);

    public PickleAssembler NewObjEx() => Raw(0x92);

    public PickleAssembler PersId(string line) => Line('P', line);

    public PickleAssembler BinPersId() => Raw((byte)'Q');

    public PickleAssembler Ext1(byte code) => Raw(0x82, code);

    public PickleAssembler Ext2(ushort code) => Counted(0x83, 2, code);

    public PickleAssembler Ext4(uint code) => Counted(0x84, 4, code);

    public PickleAssembler Frame(ulong length) => Counted(0x95, 8, length);

    public PickleAssembler NextBuffer() => Raw(0x97);

    public PickleAssembler ReadOnlyBuffer() => Raw(0x98);

    /// <summary>An empty <c>OrderedDict()</c>, as torch writes it.</summary>
    public PickleAssembler OrderedDict() => Global("collections", "OrderedDict").EmptyTuple().Reduce();

    /// <summary>What a storage's persistent id is made of.</summary>
    public PickleAssembler Storage(string type, string key, int elements) =>
        Mark().Text("storage").Global("torch", type).Text(key).Text("cpu").BinInt(elements).Tuple().BinPersId();

    /// <summary>A call of <c>_rebuild_tensor_v2</c> with one dimension.</summary>
    public PickleAssembler Tensor(string type, string key, int elements, int offset, int size, int stride) =>
        Global("torch._utils", "_rebuild_tensor_v2").Mark().Storage(type, key, elements).BinInt(offset).BinInt(size).Tuple1().BinInt(stride).Tuple1().False().OrderedDict().Tuple().Reduce();

    private PickleAssembler Line(char opcode, string line) => Raw((byte)opcode).Raw(Encoding.UTF8.GetBytes(line + "\n"));

    private PickleAssembler Counted(byte opcode, int width, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Raw(opcode).Raw(bytes[..width]);
    }
}
