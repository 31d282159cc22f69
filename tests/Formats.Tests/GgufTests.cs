using System.Buffers.Binary;

namespace ModelGarden.Formats.Tests;

public sealed class GgufTests
{
    [Fact]
    public void Sound_IsCleanWithItsFacts()
    {
        var examination = Checks.Examine("m.gguf", GgufBuilder.Sound().Build());

        Checks.AssertClean(examination, FileFormat.Gguf);
        var facts = Assert.IsType<GgufFacts>(examination.Facts);
        Assert.Equal(("test", "Ünïcode", 4096, 7, 64), (facts.Architecture, facts.Name, facts.ContextLength, facts.BlockCount, facts.EmbeddingLength));
        Assert.Equal(("Q4_K_M", 15, "Q8_0"), (facts.Quantisation, facts.FileType, facts.DominantType));
        Assert.Equal((40, 8, 32), (facts.Parameters, facts.ParametersByType["F32"], facts.ParametersByType["Q8_0"]));
        Assert.Equal((true, "{{ messages }}", "gpt2", 2), (facts.HasChatTemplate, facts.ChatTemplate, facts.TokenizerModel, facts.VocabularySize));
        Assert.Equal(new GgufEntry("i8", "INT8", "-1", null), Assert.Single(facts.Metadata, entry => entry.Key == "i8"));
        Assert.Equal(new GgufEntry("f32", "FLOAT32", "0.5", null), Assert.Single(facts.Metadata, entry => entry.Key == "f32"));
        Assert.Equal(new GgufEntry("numbers", "INT32", null, 3), Assert.Single(facts.Metadata, entry => entry.Key == "numbers"));
        Assert.Equal([4, 2], facts.Tensors[0].Shape);
    }

    [Fact]
    public void Version2_IsRead() => Checks.AssertClean(Checks.Examine("m.gguf", Change(sound => sound.Version = 2)), FileFormat.Gguf);

    [Fact]
    public void BaseModels_ByTheirAddresses_AreNamesOfRepositories()
    {
        var content = new GgufBuilder().Text("general.architecture", "llama").Text("general.base_model.0.repo_url", "https://hub.example/acme/base").Text("general.base_model.1.repo_url", "not an address")
            .Text("general.base_model.1.name", "Other").Text("general.base_model.2.repo_url", "https://hub.example/models/Acme/Base/").Text("general.base_model.3.repo_url", "https://hub.example/acme/second").Build();

        Assert.Equal(["acme/base", "acme/second"], ((GgufFacts)Checks.Examine("m.gguf", content).Facts!).BaseModels);
    }

    [Fact]
    public void NoTensors_IsClean() => Checks.AssertClean(Checks.Examine("vocab.gguf", new GgufBuilder().Text("general.architecture", "llama").Build()), FileFormat.Gguf);

    [Theory]
    [InlineData(0u, "version 0")]
    [InlineData(1u, "version 1")]
    [InlineData(4u, "version 4")]
    [InlineData(0x0200_0000u, "big-endian")]
    [InlineData(0x0300_0000u, "big-endian")]
    public void Version_NotServed_IsRefusedInWords(uint version, string words) =>
        Assert.Contains(words, Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Version = version)), "gguf.version").Message, StringComparison.Ordinal);

    [Fact]
    public void Magic_Wrong_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("m.gguf", [.. "GGML"u8, .. new byte[60]]), "gguf.magic");

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 40)]
    [InlineData(250_001UL)]
    [InlineData(1000UL)]
    public void Counts_Absurd_AreSuspicious(ulong count)
    {
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.TensorCount = count)), "gguf.count");
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.PairCount = count)), "gguf.count");
    }

    [Theory]
    [InlineData(8u, ulong.MaxValue)]
    [InlineData(0u, 1UL << 62)]
    [InlineData(12u, 1UL << 61)]
    [InlineData(9u, 1UL << 60)]
    public void ArrayLength_Absurd_IsSuspicious(uint type, ulong count) =>
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Pair("x", 9, GgufBuilder.Array(type, count)))), "gguf.array-length");

    [Fact]
    public void StringLength_Absurd_IsSuspicious() =>
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Pair("x", 8, BitConverter.GetBytes(ulong.MaxValue - 3)))), "gguf.string-length");

    [Fact]
    public void StringInArray_Absurd_IsSuspicious() =>
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Pair("x", 9, GgufBuilder.Array(8, 1), BitConverter.GetBytes(ulong.MaxValue)))), "gguf.string-length");

    [Fact]
    public void Array_TooDeep_IsSuspicious() =>
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Pair("x", 9, [.. Enumerable.Range(0, 20).Select(_ => GgufBuilder.Array(9, 1))]))), "gguf.value-type");

    [Theory]
    [InlineData(13u)]
    [InlineData(uint.MaxValue)]
    public void ValueType_Unknown_IsSuspicious(uint type)
    {
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Pair("x", type, new byte[8]))), "gguf.value-type");
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Pair("x", 9, GgufBuilder.Array(type, 1)))), "gguf.value-type");
    }

    [Fact]
    public void Bool_NeitherZeroNorOne_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Pair("x", 7, [2]))), "gguf.bool");

    [Fact]
    public void Key_Twice_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Text("general.name", "other"))), "gguf.duplicate-key");

    [Fact]
    public void Key_Empty_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Text("", "x"))), "gguf.key");

    [Fact]
    public void Key_TooLong_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Text(new string('k', 65_536), "x"))), "gguf.key");

    [Fact]
    public void Key_NotUtf8_IsSuspicious() =>
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Replace(Change(sound => sound.Text("zzzz", "x")), "zzzz"u8.ToArray(), [0xFF, 0xFE, 0x80, 0x80])), "text.not-utf8");

    [Fact]
    public void TextTogether_TooLong_IsSuspicious()
    {
        var builder = new GgufBuilder();
        for (var n = 0; n < 70; n++)
        {
            builder.Text($"{n}".PadRight(65_000, 'k'), "x");
        }

        Checks.AssertSuspicious(Checks.Examine("m.gguf", builder.Build()), "gguf.too-much-text");
    }

    [Fact]
    public void ChatTemplate_Long_IsCut()
    {
        var facts = Assert.IsType<GgufFacts>(Checks.Examine("m.gguf", new GgufBuilder().Text("tokenizer.chat_template", new string('t', 100_000)).Build()).Facts);

        Assert.Equal((GgufFacts.MaximumTemplateLength, 100_000), (facts.ChatTemplate!.Length, facts.ChatTemplateLength));
    }

    [Theory]
    [InlineData(4u, 0u)]
    [InlineData(4u, 3u)]
    [InlineData(4u, 4u)]
    [InlineData(4u, 48u)]
    [InlineData(4u, 0x8000_0000u)]
    [InlineData(5u, 32u)]
    public void Alignment_Wrong_IsSuspicious(uint type, uint value) =>
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Pair("general.alignment", type, BitConverter.GetBytes(value)))), "gguf.alignment");

    [Fact]
    public void Alignment_Declared_IsHeld()
    {
        var builder = new GgufBuilder { Alignment = 64, DataLength = 64 + 4 }.Number("general.alignment", 64).Tensor("a", [1], 0, 0).Tensor("b", [1], 0, 64);
        Checks.AssertClean(Checks.Examine("m.gguf", builder.Build()), FileFormat.Gguf);
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Number("general.alignment", 64))), "gguf.misaligned");
    }

    [Theory]
    [InlineData(4u)]
    [InlineData(31u)]
    [InlineData(36u)]
    [InlineData(1000u)]
    public void TensorType_UnknownOrWithdrawn_IsSuspicious(uint type) =>
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Tensor("c", [32], type, 0))), "gguf.tensor-type");

    [Theory]
    [InlineData("gguf.shape", 0UL, 1UL)]
    [InlineData("gguf.shape", 1UL << 32, 1UL << 32)]
    [InlineData("gguf.shape", ulong.MaxValue, 1UL)]
    [InlineData("gguf.shape", 1UL << 62, 1UL)]
    [InlineData("gguf.offsets", 1UL << 40, 1UL)]
    [InlineData("gguf.offsets", 64UL, 1UL)]
    public void Shape_Absurd_IsSuspicious(string rule, ulong row, ulong column) =>
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Tensor("c", [row, column], 0, 0))), rule);

    [Fact]
    public void Row_NotOfWholeBlocks_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Tensor("c", [16, 2], 8, 0))), "gguf.block");

    [Fact]
    public void Rank_TooHigh_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Tensor("c", [1, 1, 1, 1, 1], 0, 0))), "gguf.rank");

    [Fact]
    public void TensorName_TooLongOrEmpty_IsSuspicious()
    {
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Tensor(new string('n', 65), [1], 0, 0))), "gguf.tensor-name");
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Tensor("", [1], 0, 0))), "gguf.tensor-name");
    }

    [Fact]
    public void Tensor_Twice_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Tensor("a", [1], 0, 0))), "gguf.duplicate-tensor");

    [Fact]
    public void Tensors_Overlapping_AreSuspicious() => Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Tensor("c", [1], 0, 0))), "gguf.overlap");

    [Theory]
    [InlineData(33UL, "gguf.misaligned")]
    [InlineData(1UL << 40, "gguf.offsets")]
    [InlineData(ulong.MaxValue - 31, "gguf.offsets")]
    public void Offset_Wrong_IsSuspicious(ulong offset, string rule) => Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.Tensor("c", [1], 0, offset))), rule);

    [Fact]
    public void BytesBehindTheTensors_AreSuspicious() => Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => sound.DataLength += 200)), "gguf.trailing");

    [Fact]
    public void BytesBetweenTensors_AreSuspicious() =>
        Checks.AssertSuspicious(Checks.Examine("m.gguf", Change(sound => { sound.DataLength = 256 + 4; sound.Tensor("c", [1], 0, 256); })), "gguf.hole");

    [Fact]
    public void File_CutAtAnyByte_IsSuspicious()
    {
        var bytes = GgufBuilder.Sound().Build();
        for (var length = 0; length < bytes.Length; length++)
        {
            var examination = Checks.Examine("m.gguf", bytes[..length]);

            Assert.True(examination.Verdict == Verdict.Suspicious, $"cut at {length}");
            Assert.Equal(FileFormat.Gguf, examination.Format);
        }
    }

    [Fact]
    public void LongTokenList_IsPassedOver()
    {
        const int Count = 200_000;
        var tokens = new byte[Count * 12];
        for (var n = 0; n < Count; n++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(tokens.AsSpan(n * 12), 4);
        }

        var bytes = new GgufBuilder().Pair("tokenizer.ggml.tokens", 9, GgufBuilder.Array(8, Count), tokens).Build();
        Checks.Examine("m.gguf", bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var examination = Checks.Examine("m.gguf", bytes);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(Count, Assert.IsType<GgufFacts>(examination.Facts).VocabularySize);
        Assert.InRange(allocated, 0, 64 * 1024);
    }

    private static byte[] Change(Action<GgufBuilder> change)
    {
        var builder = GgufBuilder.Sound();
        change(builder);
        return builder.Build();
    }

    private static byte[] Replace(byte[] bytes, byte[] from, byte[] to)
    {
        to.CopyTo(bytes, bytes.AsSpan().IndexOf(from));
        return bytes;
    }
}
