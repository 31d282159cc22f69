using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Evidence;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Tests;

/// <summary>The offline verifier, on exports that somebody has touched in every way that random numbers think of.</summary>
public sealed class AuditVerifierTests : IDisposable
{
    private const int Seeds = 400;
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly PublicKeys _keys;

    public AuditVerifierTests() => _keys = PublicKeys.Read(_key.ExportSubjectPublicKeyInfoPem()).Value;

    private string KeyId => PublicKeys.IdOf(_key.ExportSubjectPublicKeyInfo());

    public void Dispose()
    {
        _keys.Dispose();
        _key.Dispose();
    }

    [Fact]
    public void Verify_Export_IsWhole()
    {
        var summary = Verify(Export(20)).Value;

        Assert.Equal((1L, 20L, 4L, 20L), (summary.First, summary.Last, summary.Links, summary.Newest.Sequence));
    }

    [Fact]
    public void Verify_AnyBitFlipped_IsFoundOrSaysTheSame()
    {
        var lines = Export(20);
        var random = new Random(1);
        for (var i = 0; i < Seeds; i++)
        {
            var at = random.Next(lines.Count);
            var bytes = Encoding.UTF8.GetBytes(lines[at]);
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            var touched = Encoding.UTF8.GetString(bytes);

            var verified = Verify([.. lines[..at], touched, .. lines[(at + 1)..]]);

            Assert.True(verified.Error is not null || JsonParser.Default.Parse<AuditEntry>(touched).Equals(JsonParser.Default.Parse<AuditEntry>(lines[at])), touched);
        }
    }

    [Fact]
    public void Verify_ARecordForgedWithALinkBehindItThatFits_IsFound()
    {
        var lines = Export(20);
        foreach (var at in RecordsOf(lines).Where(at => JsonParser.Default.Parse<AuditEntry>(lines[at]).Record is not null && SequenceOf(lines[at]) < 20))
        {
            var forged = JsonParser.Default.Parse<AuditEntry>(lines[at]).Record;
            forged.Action = "forged";
            forged.Hash = ByteString.CopyFrom(AuditChain.HashOf(forged));
            var behind = RecordsOf(lines).First(line => SequenceOf(lines[line]) == forged.Sequence + 1);
            var next = JsonParser.Default.Parse<AuditEntry>(lines[behind]);
            var link = next.Link ?? AuditChain.LinkOf(next.Record);
            link.PreviousHash = forged.Hash;
            var bare = new AuditLink { Sequence = link.Sequence, PreviousHash = link.PreviousHash, Hash = link.Hash };
            foreach (var healing in new[] { link, bare })
            {
                var touched = lines.ToList();
                touched[at] = JsonFormatter.Default.Format(new AuditEntry { Record = forged });
                touched[behind] = JsonFormatter.Default.Format(new AuditEntry { Link = healing });

                Assert.NotNull(Verify([.. touched]).Error);
            }
        }
    }

    [Fact]
    public void Verify_ARecordOfTheFirstForm_IsTakenWithItsContentAlone()
    {
        var record = new AuditRecord { Sequence = 1, At = Timestamp.FromDateTimeOffset(Start), Tenant = "acme", Action = "x", Detail = "{}", PreviousHash = ByteString.CopyFrom(new byte[32]) };
        var canonical = $$"""{"account":"","action":"x","at":{{Start.ToUnixTimeMilliseconds()}},"detail":"{}","sequence":1,"subject":"","tenant":"acme"}""";
        record.Hash = ByteString.CopyFrom(SHA256.HashData([.. new byte[32], .. Encoding.UTF8.GetBytes(canonical)]));

        Assert.Null(AuditChain.Fault(AuditChain.Beginning, record));
        Assert.Contains("first form", AuditChain.Fault(AuditChain.Beginning, AuditChain.LinkOf(record)), StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_AnyRecordRemoved_IsFoundAndNamed()
    {
        var lines = Export(20);
        foreach (var at in RecordsOf(lines))
        {
            var sequence = SequenceOf(lines[at]);

            var fault = Verify([.. lines[..at], .. lines[(at + 1)..]]).Error!.Message;

            Assert.Contains(sequence is 1 ? "records 1 to 1 are missing" : sequence is 20 ? "records 20 to 20 are missing at the end" : $"record {sequence} is missing: record {sequence + 1} stands in its place", fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Verify_AnyTwoRecordsSwapped_IsFound()
    {
        var lines = Export(20);
        var records = RecordsOf(lines);
        var random = new Random(2);
        for (var i = 0; i < Seeds; i++)
        {
            var (one, other) = (records[random.Next(records.Count)], records[random.Next(records.Count)]);
            var touched = lines.ToList();
            (touched[one], touched[other]) = (touched[other], touched[one]);

            Assert.Equal(one == other, Verify(touched).Error is null);
        }
    }

    [Fact]
    public void Verify_AnyTailCut_IsFoundByTheCheckpointBeforeAll()
    {
        var lines = Export(20);
        for (var length = 2; length < lines.Count; length++)
        {
            Assert.Contains("are missing at the end: line 1 is a checkpoint of record 20", Verify(lines[..length]).Error!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Verify_TailCutWithItsCheckpoint_IsFoundByOneKeptElsewhere()
    {
        var lines = Export(20)[1..^6];
        var last = lines.FindLastIndex(line => line.Contains("checkpoint", StringComparison.Ordinal));
        Assert.Null(Verify(lines[..(last + 1)]).Error);

        var verifier = new AuditVerifier(_keys);
        Assert.Null(verifier.Hold(Envelopes.Read(CheckpointsOf(20)).Value, "kept.json"));
        Assert.Null(lines[..(last + 1)].Select((line, i) => verifier.Take(line, $"line {i + 1}")).FirstOrDefault(error => error is not null));

        Assert.Contains("records 11 to 20 are missing at the end: kept.json is a checkpoint of record 20", verifier.Finish().Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_ChainWrittenAnew_IsNotTheOneThatWasSigned()
    {
        var forged = Chain(20, "forged");
        var lines = Export(20);

        var verified = Verify([lines[0], .. forged.Select(Line)]);

        Assert.Contains("record 20 is not the one that was signed", verified.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_SignedWithAnotherKey_IsRefused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var strangers = PublicKeys.Read(other.ExportSubjectPublicKeyInfoPem()).Value;

        Assert.Equal("KEY_UNKNOWN", new AuditVerifier(strangers).Take(Export(2)[0], "line 1")!.Reason);
    }

    [Fact]
    public void Verify_RecordsThatNobodySigned_AreNotWhole() =>
        Assert.Contains("records 1 to 3 are signed by no checkpoint", Verify([.. Chain(3, "x").Select(Line)]).Error!.Message, StringComparison.Ordinal);

    [Fact]
    public void Verify_PrefixGone_NeedsACheckpointThere()
    {
        var lines = Export(20);
        var behind = lines.FindIndex(line => line.Contains("checkpoint", StringComparison.Ordinal) && line != lines[0]);

        var summary = Verify([lines[0], .. lines[behind..]]).Value;

        Assert.Equal((11L, 20L), (summary.First, summary.Last));
        Assert.Contains("records 1 to 10 are missing", Verify([lines[0], .. lines[(behind + 1)..]]).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_PersonalErased_IsAsWholeAsBefore()
    {
        var lines = Export(20).ConvertAll(line =>
        {
            var entry = JsonParser.Default.Parse<AuditEntry>(line);
            entry.Record?.Personal.Clear();
            return JsonFormatter.Default.Format(entry);
        });

        Assert.Null(Verify(lines).Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"record\":{}}")]
    [InlineData("{\"record\":{\"at\":\"2026-11-21T12:00:00.000001Z\",\"sequence\":1}}")]
    [InlineData("{\"checkpoint\":{\"payloadType\":\"text/plain\"}}")]
    [InlineData("not json")]
    public void Take_WhatIsNoEntry_IsRefusedInWords(string line) => Assert.StartsWith("line 1: ", new AuditVerifier(_keys).Take(line, "line 1")!.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public void Read_WhatIsNoKey_IsRefused(string pem) => Assert.Equal("BAD_KEY", PublicKeys.Read(pem).Error!.Reason);

    /// <summary>As the garden writes it: a checkpoint of the end, records of which every fifth is somebody else's, a checkpoint after the tenth.</summary>
    private List<string> Export(int length)
    {
        var lines = new List<string> { $$"""{"checkpoint":{{CheckpointsOf(length)}}}""" };
        foreach (var record in Chain(length, "x"))
        {
            lines.Add(record.Sequence % 5 is 0
                ? JsonFormatter.Default.Format(new AuditEntry { Link = AuditChain.LinkOf(record) })
                : Line(record));
            if (record.Sequence is 10 && length > 10)
            {
                lines.Add($$"""{"checkpoint":{{CheckpointsOf(10)}}}""");
            }
        }

        return lines;
    }

    private string CheckpointsOf(int length)
    {
        var last = Chain(length, "x")[^1];
        return Envelopes.Write(Envelopes.Sign(new Checkpoint(last.Sequence, Convert.ToHexStringLower(last.Hash.Span), Start).ToStatement("https://garden.example.com"), KeyId, _key));
    }

    private static List<AuditRecord> Chain(int length, string seed)
    {
        var chain = new List<AuditRecord>();
        var head = AuditChain.Beginning;
        for (var i = 1; i <= length; i++)
        {
            var person = Fixed($"{seed}{i}", $"account{i}");
            var record = new AuditRecord
            {
                Sequence = i,
                At = Start.AddMilliseconds(i).ToTimestamp(),
                Tenant = "acme",
                Account = person.Commitment,
                Action = "test",
                Subject = $"subject {i}",
                Detail = $$"""{"n":{{i}}}""",
                PreviousHash = ByteString.CopyFrom(head.Hash),
                Personal = { person },
            };
            record.Hash = ByteString.CopyFrom(AuditChain.HashOf(record));
            head = new(i, record.Hash.ToByteArray());
            chain.Add(record);
        }

        return chain;
    }

    // The same salt for the same seed, so that a chain can be made again.
    private static PersonalValue Fixed(string seed, string value)
    {
        var salt = SHA256.HashData(Encoding.UTF8.GetBytes(seed));
        return new() { Commitment = $"person:{Convert.ToHexStringLower(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(value)]))}", Salt = ByteString.CopyFrom(salt), Value = value };
    }

    private Result<AuditSummary> Verify(IReadOnlyList<string> lines)
    {
        var verifier = new AuditVerifier(_keys);
        foreach (var (i, line) in lines.Index())
        {
            if (verifier.Take(line, $"line {i + 1}") is { } error)
            {
                return error;
            }
        }

        return verifier.Finish();
    }

    private static string Line(AuditRecord record) => JsonFormatter.Default.Format(new AuditEntry { Record = record });

    private static List<int> RecordsOf(List<string> lines) => [.. lines.Index().Where(line => !line.Item.Contains("checkpoint", StringComparison.Ordinal)).Select(line => line.Index)];

    private static long SequenceOf(string line) => JsonParser.Default.Parse<AuditEntry>(line) is { Record: { } record } ? record.Sequence : JsonParser.Default.Parse<AuditEntry>(line).Link.Sequence;
}
