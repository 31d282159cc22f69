using System.Buffers.Binary;
using System.Text;

namespace ModelGarden.Formats.Tests;

public sealed class SafetensorsTests
{
    private const string TwoTensors = """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}}""";

    public static TheoryData<string, int, string> Malformed => new()
    {
        // Layout of the buffer.
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}}""", 7, "safetensors.overlap" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 4, "safetensors.overlap" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}}""", 4, "safetensors.overlap" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}}""", 9, "safetensors.hole" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[1,5]}}""", 5, "safetensors.hole" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 5, "safetensors.trailing" },
        { "{}", 1, "safetensors.trailing" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 3, "safetensors.offsets" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}""", 4, "safetensors.offsets" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[9223372036854775803,9223372036854775807]}}""", 4, "safetensors.offsets" },

        // Sizes.
        { """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}""", 4, "safetensors.size" },
        { """{"a":{"dtype":"U8","shape":[],"data_offsets":[0,0]}}""", 0, "safetensors.size" },
        { """{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "safetensors.overflow" },
        { """{"a":{"dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}""", 0, "safetensors.overflow" },
        { """{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}""", 0, "safetensors.overflow" },
        { """{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}""", 2, "safetensors.sub-byte" },
        { """{"a":{"dtype":"F6_E2M3","shape":[2],"data_offsets":[0,2]}}""", 2, "safetensors.sub-byte" },

        // Fields.
        { """{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4, "safetensors.dtype" },
        { """{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}""", 4, "safetensors.dtype" },
        { """{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "safetensors.missing-field" },
        { """{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "safetensors.missing-field" },
        { """{"a":{"dtype":"F32","shape":[1]}}""", 4, "safetensors.missing-field" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "safetensors.missing-field" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", 4, "safetensors.rank" },
        { """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "safetensors.number" },
        { """{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", 4, "safetensors.number" },
        { """{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}""", 4, "safetensors.number" },
        { """{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", 4, "safetensors.number" },
        { """{"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4]}}""", 4, "safetensors.number" },
        { """{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}""", 4, "safetensors.number" },
        { """{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}""", 4, "safetensors.structure" },
        { """{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""", 4, "safetensors.structure" },
        { """{"a":[1]}""", 4, "safetensors.structure" },
        { """{"a":null}""", 4, "safetensors.structure" },
        { """{"__metadata__":{"a":1}}""", 0, "safetensors.structure" },
        { """{"__metadata__":{"a":{"b":"c"}}}""", 0, "safetensors.structure" },
        { """{"__metadata__":[]}""", 0, "safetensors.structure" },

        // Keys, of which readers would take one or the other.
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2, "safetensors.duplicate-key" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2, "safetensors.duplicate-key" },
        { """{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}""", 1, "safetensors.duplicate-key" },
        { """{"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}""", 1, "safetensors.duplicate-key" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"data_offsets":[0,1]}}""", 1, "safetensors.duplicate-key" },
        { """{"__metadata__":{"a":"1","a":"2"}}""", 0, "safetensors.duplicate-key" },
        { """{"__metadata__":{},"__metadata__":{}}""", 0, "safetensors.duplicate-key" },

        // JSON itself.
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},}""", 1, "safetensors.json" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}""", 1, "safetensors.json" },
        { """{} {}""", 0, "safetensors.padding" },
        { "{}\n", 0, "safetensors.padding" },
        { "{}\0", 0, "safetensors.padding" },
        { """{"\ud800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1, "safetensors.not-unicode" },
        { """{/**/}""", 0, "safetensors.json" },
        { """ {}""", 0, "safetensors.header-start" },
        { """[]""", 0, "safetensors.header-start" },
        { """{"a":{"x":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}}""", 0, "safetensors.json" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Examine_BrokenRule_IsSuspicious(string header, int dataLength, string rule)
    {
        var finding = Checks.AssertSuspicious(Checks.Examine("model.safetensors", Build(header, dataLength)), rule);

        Assert.NotNull(finding.Offset);
        Assert.InRange(finding.Offset.Value, 0, 8 + header.Length + dataLength);
    }

    [Theory]
    [InlineData(TwoTensors, 19)]
    [InlineData(TwoTensors + "     ", 19)]
    [InlineData("{}", 0)]
    [InlineData("""{"__metadata__":{}}""", 0)]
    [InlineData("""{"a":{"dtype":"U8","shape":[0,5],"data_offsets":[0,0]}}""", 0)]
    [InlineData("""{"a":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}}""", 2)]
    [InlineData("""{"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}}""", 2)]
    [InlineData("""{"a":{"dtype":"F6_E3M2","shape":[4],"data_offsets":[0,3]}}""", 3)]
    [InlineData("""{"b":{"dtype":"C64","shape":[1],"data_offsets":[2,10]},"a":{"data_offsets":[0,2],"shape":[2],"dtype":"F8_E4M3"}}""", 10)]
    public void Examine_KeptRules_IsClean(string header, int dataLength) =>
        Checks.AssertClean(Checks.Examine("model.safetensors", Build(header, dataLength)), FileFormat.Safetensors);

    [Fact]
    public void Facts_TwoTensors_AreCounted()
    {
        var facts = Assert.IsType<SafetensorsFacts>(Checks.Examine("weights.bin", Build(TwoTensors, 19)).Facts);

        Assert.Equal((2, 7), (facts.TensorCount, facts.Parameters));
        Assert.Equal((4, 3), (facts.ParametersByType["F32"], facts.ParametersByType["U8"]));
        Assert.Equal("pt", facts.Metadata["format"]);
        Assert.Equal("b", facts.Tensors[1].Name);
        Assert.Equal([3], facts.Tensors[1].Shape);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(200UL)]
    [InlineData(100_000_001UL)]
    [InlineData(1UL << 39)]
    [InlineData(1UL << 63)]
    [InlineData(ulong.MaxValue)]
    public void HeaderLength_Absurd_IsSuspicious(ulong length)
    {
        var bytes = Build(TwoTensors, 19);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);

        Checks.AssertSuspicious(Checks.Examine("model.safetensors", bytes), "safetensors.header-length");
    }

    [Fact]
    public void File_CutAtAnyByte_IsSuspicious()
    {
        var bytes = Build(TwoTensors, 19);
        for (var length = 0; length < bytes.Length; length++)
        {
            var examination = Checks.Examine("model.safetensors", bytes[..length]);

            Assert.Equal((Verdict.Suspicious, FileFormat.Safetensors), (examination.Verdict, examination.Format));
        }
    }

    [Fact]
    public void Stream_ShorterThanItsLength_IsSuspicious()
    {
        var bytes = Build(TwoTensors, 19);
        for (var length = 0; length < bytes.Length; length++)
        {
            using var seekable = new MemoryStream(bytes[..length]);
            var examination = FileExaminer.Examine("model.safetensors", seekable, bytes.Length, TestContext.Current.CancellationToken);

            Checks.AssertSuspicious(examination, "file.truncated");
        }
    }

    [Fact]
    public void UnknownField_IsOnlyWarnedOf()
    {
        var examination = Checks.Examine("a.safetensors", Build("""{"a":{"dtype":"U8","note":{"x":[1,{}]},"shape":[1],"data_offsets":[0,1]}}""", 1));

        Assert.Equal("safetensors.unknown-field", Assert.Single(examination.Findings).Rule);
        Assert.Equal(Verdict.Clean, examination.Verdict);
    }

    [Fact]
    public void Findings_OfEndlessFaults_AreBounded()
    {
        var header = $$"""{{{string.Join(',', Enumerable.Range(0, 5000).Select(n => $$"""
            "t{{n}}":{"dtype":"X","shape":[1],"data_offsets":[0,1]}
            """))}}}""";

        Assert.InRange(Checks.Examine("a.safetensors", Build(header, 1)).Findings.Count, 100, 102);
    }

    [Fact]
    public void Name_WithControlCharacters_IsShownHarmlessly()
    {
        var finding = Checks.AssertSuspicious(Checks.Examine("a.safetensors", Build("""{"a\u001b[31m\n":{"dtype":"X","shape":[1],"data_offsets":[0,1]}}""", 1)), "safetensors.dtype");

        Assert.DoesNotContain(finding.Message, char.IsControl);
    }

    [Fact]
    public void Header_OfManyTensors_StaysInBounds()
    {
        // 20 MB of header: names are not all kept, what is counted is exact.
        var header = new StringBuilder("{");
        var name = new string('n', 1000);
        for (var n = 0; n < 20_000; n++)
        {
            header.Append(n > 0 ? "," : "").Append('"').Append(name).Append(n).Append("\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[").Append(n).Append(',').Append(n + 1).Append("]}");
        }

        var bytes = Build(header.Append('}').ToString(), 20_000);
        var examination = Checks.Examine("a.safetensors", bytes);

        Checks.AssertClean(examination, FileFormat.Safetensors);
        var facts = Assert.IsType<SafetensorsFacts>(examination.Facts);
        Assert.Equal((20_000, 20_000), (facts.TensorCount, facts.Parameters));
        Assert.InRange(facts.Tensors.Count, 1000, 5000);
    }

    [Fact]
    public void TensorBytes_AreNotRead()
    {
        using var stream = new CountingStream(Build("""{"a":{"dtype":"U8","shape":[100000000],"data_offsets":[0,100000000]}}""", 0), 8 + 69 + 100_000_000L);

        var examination = FileExaminer.Examine("a.safetensors", stream, stream.Length, TestContext.Current.CancellationToken);

        Checks.AssertClean(examination, FileFormat.Safetensors);
        Assert.InRange(stream.BytesRead, 1, 256 * 1024);
    }

    internal static byte[] Build(string header, int dataLength)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + dataLength];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)text.Length);
        text.CopyTo(bytes, 8);
        return bytes;
    }
}
