using System.Text;

namespace ModelGarden.Formats.Tests;

/// <summary>Writes GGUF files, right or wrong.</summary>
internal sealed class GgufBuilder
{
    private readonly List<byte[]> _pairs = [];
    private readonly List<byte[]> _tensors = [];

    public uint Version { get; set; } = 3;

    public ulong? PairCount { get; set; }

    public ulong? TensorCount { get; set; }

    public int Alignment { get; set; } = 32;

    public int DataLength { get; set; }

    public GgufBuilder Pair(string key, uint type, params byte[][] value)
    {
        _pairs.Add([.. String(key), .. BitConverter.GetBytes(type), .. value.SelectMany(part => part)]);
        return this;
    }

    public GgufBuilder Text(string key, string value) => Pair(key, 8, String(value));

    public GgufBuilder Number(string key, uint value) => Pair(key, 4, BitConverter.GetBytes(value));

    public GgufBuilder Tensor(string name, ulong[] shape, uint type, ulong offset)
    {
        _tensors.Add([.. String(name), .. BitConverter.GetBytes((uint)shape.Length), .. shape.SelectMany(BitConverter.GetBytes), .. BitConverter.GetBytes(type), .. BitConverter.GetBytes(offset)]);
        return this;
    }

    public byte[] Build()
    {
        byte[] head = [.. "GGUF"u8, .. BitConverter.GetBytes(Version), .. BitConverter.GetBytes(TensorCount ?? (ulong)_tensors.Count), .. BitConverter.GetBytes(PairCount ?? (ulong)_pairs.Count), .. _pairs.SelectMany(pair => pair), .. _tensors.SelectMany(tensor => tensor)];
        return DataLength == 0 ? head : [.. head, .. new byte[((Alignment - (head.Length % Alignment)) % Alignment) + DataLength]];
    }

    public static byte[] String(string text) => [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public static byte[] Array(uint type, ulong count) => [.. BitConverter.GetBytes(type), .. BitConverter.GetBytes(count)];

    /// <summary>A small file with a pair of every type and two tensors.</summary>
    public static GgufBuilder Sound() => new GgufBuilder { DataLength = 32 + 34 }
        .Text("general.architecture", "test")
        .Text("general.name", "Ünïcode")
        .Pair("u8", 0, [1])
        .Pair("i8", 1, [0xFF])
        .Pair("u16", 2, BitConverter.GetBytes((ushort)2))
        .Pair("i16", 3, BitConverter.GetBytes((short)-2))
        .Number("test.context_length", 4096)
        .Pair("i32", 5, BitConverter.GetBytes(-3))
        .Pair("f32", 6, BitConverter.GetBytes(0.5f))
        .Pair("flag", 7, [1])
        .Pair("test.block_count", 10, BitConverter.GetBytes(7UL))
        .Pair("test.embedding_length", 11, BitConverter.GetBytes(64L))
        .Pair("f64", 12, BitConverter.GetBytes(0.25))
        .Pair("tokenizer.ggml.tokens", 9, Array(8, 2), String("a"), String("bc"))
        .Pair("numbers", 9, Array(5, 3), new byte[12])
        .Pair("nested", 9, Array(9, 1), Array(0, 2), [1, 2])
        .Text("tokenizer.ggml.model", "gpt2")
        .Text("tokenizer.chat_template", "{{ messages }}")
        .Number("general.file_type", 15)
        .Tensor("a", [4, 2], 0, 0)
        .Tensor("b", [32], 8, 32);
}
