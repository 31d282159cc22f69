using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using ModelGarden.Formats.Conversion;

namespace ModelGarden.Formats.Tests.Pickles;

/// <summary>What is converted, what is stated of it, and what is refused; that torch agrees is said by <see cref="TorchCorpusTests"/>.</summary>
public sealed class TorchConverterTests
{
    [Fact]
    public void Convert_States_WhatTheFilesHold()
    {
        var source = TorchBuilder.Zip();
        var (statement, target) = Convert(source);

        Assert.Equal((Sha(source), source.LongLength, FileFormat.TorchZip), (statement.SourceSha256, statement.SourceLength, statement.SourceFormat));
        Assert.Equal((Sha(target), target.LongLength), (statement.TargetSha256, statement.TargetLength));
        var tensor = Assert.Single(statement.Tensors);
        Assert.Equal(("w", "F32", Sha(TorchBuilder.Storage)), (tensor.Name, tensor.Type, tensor.Sha256));
        Assert.Equal(TorchBuilder.Storage, target[^16..]);
        Checks.AssertClean(Checks.Examine("a.safetensors", target), FileFormat.Safetensors);
    }

    [Theory]
    [InlineData("float8_e4m3fn", "F8_E4M3", 16)]
    [InlineData("float8_e5m2", "F8_E5M2", 16)]
    [InlineData("float8_e8m0fnu", "F8_E8M0", 16)]
    [InlineData("uint16", "U16", 8)]
    [InlineData("uint32", "U32", 4)]
    [InlineData("uint64", "U64", 2)]
    [InlineData("bfloat16", "BF16", 8)]
    public void Convert_TypesOfNewerTorch_KeepTheirBytes(string type, string word, int count)
    {
        var (statement, target) = Convert(TorchBuilder.Zip(TorchBuilder.Pickle(tensor => tensor
            .Global("torch._utils", "_rebuild_tensor_v3").Mark().Storage("UntypedStorage", "0", 16)
            .BinInt(0).BinInt(count).Tuple1().BinInt(1).Tuple1().False().OrderedDict().Global("torch", type).Tuple().Reduce())));

        Assert.Equal(word, Assert.Single(statement.Tensors).Type);
        Assert.Equal(TorchBuilder.Storage, target[^16..]);
    }

    [Fact]
    public void Convert_SharedMemory_IsWrittenTwiceAndSaid()
    {
        var (statement, target) = Convert(TorchBuilder.Zip(PickleAssembler.Make(pickle =>
        {
            pickle.Proto(2).EmptyDict().Mark().Text("a").Tensor("FloatStorage", "0", 4, 0, 4, 1).Text("b").Tensor("FloatStorage", "0", 4, 1, 2, 2);
            pickle.Text("step").BinInt1(7).Text("rate").BinFloat(0.1).SetItems().Stop();
        })));

        Assert.Equal(["a", "b"], Assert.Single(statement.Ties));
        Assert.Equal(2, statement.ValuesKept);
        Assert.Equal([.. TorchBuilder.Storage, .. TorchBuilder.Storage[4..8], .. TorchBuilder.Storage[12..16]], target[^24..]);
        var metadata = Assert.IsType<SafetensorsFacts>(Checks.Examine("a.safetensors", target).Facts).Metadata;
        Assert.Equal("[[\"a\",\"b\"]]", metadata["shared_memory"]);
        Assert.Equal(("7", "0.1", "pt"), (metadata["value:step"], metadata["value:rate"], metadata["format"]));
    }

    [Fact]
    public void Convert_LargeTransposedAndContiguous_IsWhole()
    {
        const int Rows = 600, Columns = 700;
        var numbers = Enumerable.Range(0, Rows * Columns).ToArray();
        var storage = numbers.SelectMany(BitConverter.GetBytes).ToArray();
        var pickle = PickleAssembler.Make(all => all.Proto(2).EmptyDict().Mark()
            .Text("plain").Tensor("IntStorage", "0", Rows * Columns, 0, Rows * Columns, 1)
            .Text("turned").Global("torch._utils", "_rebuild_tensor_v2").Mark().Storage("IntStorage", "0", Rows * Columns)
            .BinInt(0).BinInt(Columns).BinInt(Rows).Tuple2().BinInt(1).BinInt(Columns).Tuple2().False().OrderedDict().Tuple().Reduce()
            .SetItems().Stop());
        var (statement, target) = Convert(ZipTests.Zip(System.IO.Compression.CompressionLevel.NoCompression, ("m/data.pkl", pickle), ("m/data/0", storage)));

        var turned = Enumerable.Range(0, Columns).SelectMany(column => Enumerable.Range(0, Rows).SelectMany(row => BitConverter.GetBytes(numbers[(row * Columns) + column]))).ToArray();
        Assert.Equal([Sha(storage), Sha(turned)], statement.Tensors.Select(tensor => tensor.Sha256));
        Assert.True(target.AsSpan(target.Length - turned.Length).SequenceEqual(turned));
    }

    [Fact]
    public void Convert_WhatIsNotClean_IsRefused() =>
        Refused("CHECKPOINT_NOT_CLEAN", TorchBuilder.Zip(PickleTests.Latin("\u0080\u0002cos\nsystem\nU\u0004echo\u0085R.")));

    [Fact]
    public void Convert_WhatIsNoCheckpoint_IsRefused()
    {
        Refused("NOT_A_CHECKPOINT", PickleTests.Latin("\u0080\u0002}."));
        Refused("NOT_A_CHECKPOINT", Samples.Bytes("digits/digits.safetensors"));
        Refused("NOT_A_CHECKPOINT", [1, 2, 3]);
    }

    [Fact]
    public void Convert_BigEndian_IsRefused()
    {
        Refused("BIG_ENDIAN", TorchBuilder.Legacy(TorchBuilder.Pickle(TorchBuilder.LegacyTensor), isLittleEndian: false));
        Refused("BIG_ENDIAN", TorchBuilder.Zip(("m/byteorder", "big"u8.ToArray())));

        // Of equal keys the last one counts.
        var twice = TorchBuilder.Legacy(TorchBuilder.Pickle(TorchBuilder.LegacyTensor)).ToList();
        var setting = CollectionsMarshal.AsSpan(twice).IndexOf("little_endian"u8) + 15;
        twice.InsertRange(setting, PickleAssembler.Make(pickle => pickle.Text("little_endian").False().SetItem()));
        Refused("BIG_ENDIAN", [.. twice]);
    }

    [Fact]
    public void Convert_WhatSafetensorsCannotHold_IsRefused()
    {
        Refused("TENSOR_NOT_PLAIN", TorchBuilder.Zip(TorchBuilder.Pickle(tensor => tensor.Tensor("ComplexDoubleStorage", "0", 1, 0, 1, 1))));
        Refused("TENSOR_NOT_PLAIN", TorchBuilder.Zip(TorchBuilder.Pickle(tensor => tensor
            .Global("torch._utils", "_rebuild_tensor_v2").Mark().Storage("FloatStorage", "0", 4).BinInt(0).BinInt(4).Tuple1().BinInt(1).Tuple1()
            .False().OrderedDict().EmptyDict().Text("conj").True().SetItem().Tuple().Reduce())));
        Refused("NOT_PLAIN", ZipTests.Zip(("m/data.pkl", PickleAssembler.Make(pickle => pickle.Proto(4).EmptySet().Stop()))));
    }

    [Fact]
    public void Convert_TwoTensorsOfOneName_IsRefused() => Refused("TENSOR_NAME_TWICE", TorchBuilder.Zip(PickleAssembler.Make(pickle => pickle.Proto(2).EmptyDict().Mark()
        .Text("a.b").Tensor("FloatStorage", "0", 4, 0, 4, 1)
        .Text("a").EmptyDict().Text("b").Tensor("FloatStorage", "0", 4, 0, 4, 1).SetItem().SetItems().Stop())));

    [Fact]
    public void Convert_KeysThatPythonTakesForOthers_AreRefused()
    {
        Refused("NOT_PLAIN", Keyed(pickle => pickle.True()));
        Refused("NOT_PLAIN", Keyed(pickle => pickle.BinFloat(1)));
        Refused("NOT_PLAIN", Keyed(pickle => pickle.None()));
        Refused("NOT_PLAIN", Keyed(pickle => pickle.Unicode(@"half \ud800")));

        static byte[] Keyed(Action<PickleAssembler> key) => TorchBuilder.Zip(PickleAssembler.Make(pickle =>
        {
            pickle.Proto(2).EmptyDict();
            key(pickle);
            pickle.Tensor("FloatStorage", "0", 4, 0, 4, 1).SetItem().Stop();
        }));
    }

    [Fact]
    public void Convert_WhatIsNoTensorAndHasNoWords_IsCounted()
    {
        var (statement, _) = Convert(TorchBuilder.Zip(PickleAssembler.Make(pickle => pickle
            .Proto(2).EmptyDict().Mark().Text("w").Tensor("FloatStorage", "0", 4, 0, 4, 1).Text("type").Global("torch", "float32").Text("bytes").ShortBinString("x").SetItems().Stop())));

        Assert.Equal((1, 1), (statement.ValuesKept, statement.ValuesLeftOut));
    }

    [Fact]
    public void Convert_AValueWithHalfACharacter_IsConverted() => Convert(TorchBuilder.Zip(PickleAssembler.Make(pickle => pickle
        .Proto(2).EmptyDict().Mark().Text("w").Tensor("FloatStorage", "0", 4, 0, 4, 1).Text("note").Unicode(@"half \ud800").SetItems().Stop())));

    [Fact]
    public void Convert_ATensorThatClaimsToBeEndless_IsRefused() =>
        Refused("TOO_LARGE", TorchBuilder.Zip(TorchBuilder.Pickle(tensor => tensor.Tensor("FloatStorage", "0", 4, 0, int.MaxValue, 0))));

    [Fact]
    public void Convert_ADictionaryInItself_IsRefused() => Refused("NOT_PLAIN", TorchBuilder.Zip(PickleAssembler.Make(pickle => pickle
        .Proto(2).EmptyDict().BinPut(0).Mark().Text("w").Tensor("FloatStorage", "0", 4, 0, 4, 1).Text("x").BinGet(0).SetItems().Stop())));

    [Fact]
    public void Convert_Statement_ThroughJson_StaysTheSame()
    {
        var json = JsonSerializer.Serialize(Convert(TorchBuilder.Zip()).Statement);

        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<ConversionStatement>(json)));
    }

    private static (ConversionStatement Statement, byte[] Target) Convert(byte[] bytes)
    {
        using var source = new MemoryStream(bytes);
        using var target = new MemoryStream();
        var result = TorchConverter.Convert(source, target, TestContext.Current.CancellationToken);
        Assert.True(result.Error is null, $"{result.Error}");
        return (result.Value, target.ToArray());
    }

    private static void Refused(string reason, byte[] bytes)
    {
        using var source = new MemoryStream(bytes);
        using var target = new MemoryStream();
        var result = TorchConverter.Convert(source, target, TestContext.Current.CancellationToken);

        Assert.Equal(reason, result.Error?.Reason);
        Assert.Equal(0, target.Length);
    }

    private static string Sha(byte[] bytes) => System.Convert.ToHexStringLower(SHA256.HashData(bytes));
}
