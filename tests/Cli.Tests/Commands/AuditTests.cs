using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;
using ModelGarden.Evidence;
using ModelGarden.Kernel;

namespace ModelGarden.Cli.Tests.Commands;

/// <summary>Export and evidence out of a garden, and verified without one.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private GardenDouble _garden = null!;
    private Machine _machine = null!;
    private Machine _elsewhere = null!;

    private string KeyId => PublicKeys.IdOf(_key.ExportSubjectPublicKeyInfo());

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
        // Where no garden is to be reached.
        _elsewhere = new();
        _garden.OnStream<ExportAuditRequest>("ExportAudit", (request, _) => Export(request));
        _garden.On<GetAuditCheckpointRequest>("GetAuditCheckpoint", _ => CheckpointOf(Chain(9)[^1]));
        _garden.On<ListEvidenceKeysRequest>("ListEvidenceKeys", _ => new ListEvidenceKeysResponse { Keys = { new EvidenceKey { Id = KeyId, Pem = _key.ExportSubjectPublicKeyInfoPem() + "\n", CreatedAt = At.ToTimestamp() } } });
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        _elsewhere.Dispose();
        _key.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Export_AndKeys_AreVerifiedWhereNoGardenIs()
    {
        await TakeAlongAsync();

        var words = (await _elsewhere.RunAsync("audit", "verify", "trail.jsonl", "--key", "keys.pem")).Ok();
        var json = (await _elsewhere.RunAsync("audit", "verify", "trail.jsonl", "--key", "keys.pem", "--json")).Ok();

        Assert.Contains("records 1 to 6", words.Out, StringComparison.Ordinal);
        Assert.Equal(6, (long)json.Json["last"]!);
    }

    [Fact]
    public async Task Verify_ARecordChanged_SaysWhichAndWhere()
    {
        var trail = await TakeAlongAsync();
        _elsewhere.Write("trail.jsonl", trail.Replace("subject 4", "subject 5", StringComparison.Ordinal));

        var ran = await _elsewhere.RunAsync("audit", "verify", "trail.jsonl", "--key", "keys.pem");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("trail.jsonl, line 5: record 4 was changed", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_AgainstACheckpointKeptElsewhere_SaysWhatIsMissing()
    {
        await TakeAlongAsync();
        _elsewhere.Write("kept.json", (await _machine.RunAsync("audit", "checkpoint")).Ok().Out);

        var ran = await _elsewhere.RunAsync("audit", "verify", "trail.jsonl", "--key", "keys.pem", "--checkpoint", "kept.json");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("records 7 to 9 are missing at the end: kept.json, line 1 is a checkpoint of record 9", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_ExportInParts_TakesThemInOrder()
    {
        await TakeAlongAsync();
        _elsewhere.Write("rest.jsonl", (await _machine.RunAsync("audit", "export", "--after", "6")).Ok().Out);

        (await _elsewhere.RunAsync("audit", "verify", "trail.jsonl", "rest.jsonl", "--key", "keys.pem")).Ok();

        Assert.Equal("/garden/v1/audit/export?after=6", _garden.Requests.Last().Path);
        Assert.Equal(ExitCodes.Failed, (await _elsewhere.RunAsync("audit", "verify", "rest.jsonl", "trail.jsonl", "--key", "keys.pem")).Code);
    }

    [Fact]
    public async Task Verify_WithoutItsFiles_IsRefusedInWords()
    {
        await TakeAlongAsync();
        _elsewhere.Write("none.pem", "nothing");

        Assert.Contains("(FILE_ERROR)", (await _elsewhere.RunAsync("audit", "verify", "none.jsonl", "--key", "keys.pem")).Err, StringComparison.Ordinal);
        Assert.Contains("(BAD_KEY)", (await _elsewhere.RunAsync("audit", "verify", "trail.jsonl", "--key", "none.pem")).Err, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, (await _elsewhere.RunAsync("audit", "verify", "trail.jsonl")).Code);
    }

    [Fact]
    public async Task Export_Events_AreOneALine()
    {
        _garden.OnStream<ExportAuditRequest>("ExportAuditEvents", (_, _) => Stream(new AuditCloudEvent { Specversion = "1.0", Id = "1", Source = "urn:modelgarden", Type = "modelgarden.audit.test" }));

        var line = JsonNode.Parse((await _machine.RunAsync("audit", "export", "--events")).Ok().Out)!;

        Assert.Equal(("1.0", "modelgarden.audit.test"), ((string?)line["specversion"], (string?)line["type"]));
    }

    [Fact]
    public async Task Erase_Unconfirmed_DoesNothing()
    {
        var erased = 0;
        _garden.On<EraseFromAuditRequest>("EraseFromAudit", _ => new EraseFromAuditResponse { Records = ++erased });

        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("audit", "erase", "ann")).Code);
        Assert.Equal(0, erased);
        Assert.Contains("1", (await _machine.RunAsync("audit", "erase", "ann", "--yes")).Ok().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evidence_OfAnAcceptance_IsVerifiedWhereNoGardenIs()
    {
        await TakeAlongAsync();
        var text = Sha256Digest.Of("be nice\n"u8).Hex;
        _garden.On<GetEvidenceRequest>("GetEvidence", _ => new Contracts.V1.Evidence
        {
            Acceptance = Sign(new("license/own-1.0/1", text, Predicates.Acceptance, new() { ["organisation"] = "acme", ["signatory"] = "ada", ["title"] = "Own" })),
            Withdrawal = Sign(new("license/own-1.0/1", text, Predicates.Withdrawal, new() { ["organisation"] = "acme", ["signatory"] = "leo", ["title"] = "Own" })),
        });
        var evidence = (await _machine.RunAsync("licenses", "evidence", "a1")).Ok().Out;
        _elsewhere.Write("evidence.jsonl", evidence);
        _elsewhere.Write("text", "be nice\n");
        _elsewhere.Write("other", "be nicer\n");
        _elsewhere.Write("touched.jsonl", evidence.Replace("\"payload\": \"ey", "\"payload\": \"fy", StringComparison.Ordinal));

        var shown = (await _elsewhere.RunAsync("licenses", "verify", "evidence.jsonl", "--key", "keys.pem", "--text", "text")).Ok().Out;

        Assert.Contains("Own (license/own-1.0/1)", shown, StringComparison.Ordinal);
        Assert.Contains("leo", shown, StringComparison.Ordinal);
        Assert.Contains("(TEXT_DIFFERS)", (await _elsewhere.RunAsync("licenses", "verify", "evidence.jsonl", "--key", "keys.pem", "--text", "other")).Err, StringComparison.Ordinal);
        Assert.Contains("touched.jsonl, line 1: it is not what was signed", (await _elsewhere.RunAsync("licenses", "verify", "touched.jsonl", "--key", "keys.pem")).Err, StringComparison.Ordinal);
        Assert.Contains("(BAD_ENVELOPE)", (await _elsewhere.RunAsync("licenses", "verify", "trail.jsonl", "--key", "keys.pem")).Err, StringComparison.Ordinal);
    }

    /// <summary>The export and the keys, as a stranger has them.</summary>
    private async Task<string> TakeAlongAsync()
    {
        var trail = (await _machine.RunAsync("audit", "export")).Ok().Out;
        _elsewhere.Write("trail.jsonl", trail);
        _elsewhere.Write("keys.pem", (await _machine.RunAsync("audit", "keys")).Ok().Out);
        return trail;
    }

    private IAsyncEnumerable<IMessage> Export(ExportAuditRequest request)
    {
        var chain = Chain(request.After is 0 ? 6 : 9);
        return Stream([new AuditEntry { Checkpoint = CheckpointOf(chain[^1]) }, .. chain.Where(record => record.Sequence > request.After).Select(record => new AuditEntry { Record = record })]);
    }

    private static List<AuditRecord> Chain(int length)
    {
        var chain = new List<AuditRecord>();
        var head = AuditChain.Beginning;
        for (var i = 1; i <= length; i++)
        {
            var record = new AuditRecord { Sequence = i, At = At.ToTimestamp(), Tenant = "acme", Action = "test", Subject = $"subject {i}", Detail = "{}", PreviousHash = ByteString.CopyFrom(head.Hash) };
            record.Hash = ByteString.CopyFrom(AuditChain.HashOf(record));
            head = new(i, record.Hash.ToByteArray());
            chain.Add(record);
        }

        return chain;
    }

    private SignedEnvelope CheckpointOf(AuditRecord last) => Sign(new Checkpoint(last.Sequence, Convert.ToHexStringLower(last.Hash.Span), At).ToStatement("urn:modelgarden"));

    private SignedEnvelope Sign(Statement statement) => Envelopes.Sign(statement, KeyId, _key);

    private static async IAsyncEnumerable<IMessage> Stream(params IMessage[] messages)
    {
        foreach (var message in messages)
        {
            await Task.Yield();
            yield return message;
        }
    }
}
