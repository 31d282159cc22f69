using System.Security.Cryptography;
using System.Text;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Evidence;

namespace ModelGarden.Entitlement.Tests;

/// <summary>The chain's arithmetic, held against a computation of its own.</summary>
public sealed class AuditChainTests
{
    [Fact]
    public void Append_Record_HashesThePreviousHashAndTheCanonicalForm()
    {
        var record = Row("a\"b").Behind(AuditChain.Beginning);

        const string canonical = """{"account":"ann","action":"test","at":1000,"detail":"{}","sequence":1,"subject":"a\"b","tenant":"acme"}""";
        Assert.Equal(SHA256.HashData([.. new byte[32], .. SHA256.HashData(Encoding.UTF8.GetBytes(canonical))]), record.Hash);
    }

    [Fact]
    public void Fault_AnyBitOfAHashFlipped_IsFound()
    {
        var chain = Chain(3);
        for (var bit = 0; bit < 256; bit++)
        {
            var hash = (byte[])chain[1].Hash.Clone();
            hash[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotNull(Fault([chain[0], chain[1] with { Hash = hash }, chain[2]]));
        }
    }

    [Fact]
    public void Fault_WholeChain_IsNone() => Assert.Null(Fault(Chain(20)));

    [Theory]
    [InlineData("x", "{\"a\":\"x\",\"b\":1}")]
    [InlineData("tab\tline\nreturn\rbell\aquote\"slash\\é😀", "{\"a\":\"tab\\tline\\nreturn\\rbell\\u0007quote\\\"slash\\\\é😀\",\"b\":1}")]
    public void Write_Text_IsTheCanonicalForm(string text, string json) => Assert.Equal(json, CanonicalJson.Write([("b", 1), ("a", text)]));

    private static string? Fault(IEnumerable<AuditRow> chain) => AuditChain.Fault(AuditChain.Beginning, chain.Select(row => row.ToMessage()));

    private static List<AuditRow> Chain(int length)
    {
        var chain = new List<AuditRow>();
        var head = AuditChain.Beginning;
        for (var i = 0; i < length; i++)
        {
            chain.Add(Row($"subject {i}").Behind(head));
            head = new(chain[^1].Sequence, chain[^1].Hash);
        }

        return chain;
    }

    private static AuditRow Row(string subject) => new()
    {
        Sequence = 0,
        At = DateTimeOffset.FromUnixTimeMilliseconds(1000),
        Tenant = "acme",
        Account = "ann",
        Action = "test",
        Subject = subject,
        Detail = "{}",
    };
}
