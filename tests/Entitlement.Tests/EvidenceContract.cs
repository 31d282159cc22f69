using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Evidence;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Entitlement.Tests;

/// <summary>What is signed, and what of the audit trail is given out, verified as a stranger would; on either engine.</summary>
public abstract class EvidenceContract
{
    private static readonly string[] Admins = [Roles.Admin];

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task GetEvidence_OfAnAcceptance_IsVerifiedByOpenssl()
    {
        await using var garden = await StartAsync();
        var accepted = await garden.AcceptAsync(People.Admin(), "mit");

        var evidence = await garden.As(People.Engineer()).GetEvidenceAsync(new() { Id = accepted.Id }, cancellationToken: Cancel);

        Assert.Null(evidence.Withdrawal);
        var statement = JsonNode.Parse(evidence.Acceptance.Payload.ToStringUtf8())!;
        Assert.Equal("https://in-toto.io/Statement/v1", (string?)statement["_type"]);
        Assert.Equal(accepted.TextSha256, (string?)statement["subject"]![0]!["digest"]!["sha256"]);
        Assert.Equal(("acme", "ada", "mit"), ((string?)statement["predicate"]!["organisation"], (string?)statement["predicate"]!["signatory"], (string?)statement["predicate"]!["license"]));
        Assert.Equal("Verified OK", await OpensslAsync(garden, evidence.Acceptance, evidence.Acceptance.Payload.ToByteArray()));
        Assert.Equal("Verification failure", await OpensslAsync(garden, evidence.Acceptance, [.. evidence.Acceptance.Payload.ToByteArray(), (byte)' ']));
        Assert.Contains(Sha256Digest.Of(evidence.Acceptance.Payload.Span).Hex, (await garden.AuditAsync()).Single(record => record.Action is "license.accept").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithdrawAcceptance_IsSignedToo_AndNamesWhatItWithdraws()
    {
        await using var garden = await StartAsync();
        var accepted = await garden.AcceptAsync(People.Admin(), "mit");
        await garden.As(People.Admin()).WithdrawAcceptanceAsync(new() { Id = "mit" }, cancellationToken: Cancel);

        var evidence = await garden.As(People.Admin()).GetEvidenceAsync(new() { Id = accepted.Id }, cancellationToken: Cancel);

        using var keys = await KeysAsync(garden);
        var withdrawal = Envelopes.Open(evidence.Withdrawal, keys).Value;
        Assert.Equal((Predicates.Withdrawal, accepted.TextSha256), (withdrawal.PredicateType, withdrawal.Sha256));
        Assert.Equal(Sha256Digest.Of(evidence.Acceptance.Payload.Span).Hex, withdrawal.Say("acceptanceSha256"));
    }

    [Fact]
    public async Task GetEvidence_OfAnotherTenant_IsNotThere()
    {
        await using var garden = await StartAsync();
        var accepted = await garden.AcceptAsync(People.Admin(), "mit");

        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "ACCEPTANCE_NOT_FOUND", garden.As(People.Admin("umbrella")).GetEvidenceAsync(new() { Id = accepted.Id }, cancellationToken: Cancel));
        Assert.NotNull((await garden.As(People.Operator).GetEvidenceAsync(new() { Id = accepted.Id }, cancellationToken: Cancel)).Acceptance);
    }

    [Fact]
    public async Task AcceptLicense_ForAMember_CountsForHimAlone()
    {
        await using var garden = await StartAsync();
        await garden.As(People.Operator).SetMemberAsync(new() { Tenant = "acme", Account = "Ann", Roles = { Roles.Engineer } }, cancellationToken: Cancel);
        var digest = (await garden.As(People.Admin()).GetLicenseAsync(new() { Id = "mit" }, cancellationToken: Cancel)).TextSha256;
        await EntitlementGarden.RefusedAsync(
            ErrorCode.NotFound, "MEMBER_NOT_FOUND", garden.As(People.Admin()).AcceptLicenseAsync(new() { Id = "mit", TextSha256 = digest, ForAccount = "nobody" }, cancellationToken: Cancel));

        var accepted = await garden.As(People.Admin()).AcceptLicenseAsync(new() { Id = "mit", TextSha256 = digest, ForAccount = "ann" }, cancellationToken: Cancel);

        Assert.Equal("LICENSE_ACCEPTED", (await garden.DecideAsync(People.Engineer(), Action.Download, "meta/llama", "mit")).Rule);
        Assert.Equal("LICENSE_NOT_ACCEPTED", (await garden.DecideAsync(People.Person("bob", "acme", Roles.Engineer), Action.Download, "meta/llama", "mit")).Rule);
        Assert.Contains(await garden.FeedAsync(), change => change.Key is "acceptance/acme/mit/ann");
        Assert.Equal("ann", accepted.ForAccount);
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "NOT_ACCEPTED", garden.As(People.Admin()).WithdrawAcceptanceAsync(new() { Id = "mit" }, cancellationToken: Cancel));
        await garden.As(People.Admin()).WithdrawAcceptanceAsync(new() { Id = "mit", ForAccount = "ann" }, cancellationToken: Cancel);
        Assert.False((await garden.DecideAsync(People.Engineer(), Action.Download, "meta/llama", "mit")).Allowed);
    }

    [Fact]
    public async Task Keys_After90Days_AreOthers_AndOldEvidenceStays()
    {
        await using var garden = await StartAsync();
        var before = await garden.AcceptAsync(People.Admin(), "mit");
        garden.Clock.Jump(TimeSpan.FromDays(91));
        var after = await garden.AcceptAsync(People.Admin(), "apache-2.0");

        using var keys = await KeysAsync(garden);
        var listed = (await garden.As(People.Anonymous).ListEvidenceKeysAsync(new(), cancellationToken: Cancel)).Keys;
        Assert.Equal(2, listed.Count);
        Assert.Equal((true, false), (listed[0].RetiredAt is null, listed[1].RetiredAt is null));
        foreach (var (acceptance, key) in new[] { (before, listed[1]), (after, listed[0]) })
        {
            var evidence = await garden.As(People.Admin()).GetEvidenceAsync(new() { Id = acceptance.Id }, cancellationToken: Cancel);
            Assert.Equal(key.Id, evidence.Acceptance.Signatures.Single().Keyid);
            Assert.Null(Envelopes.Open(evidence.Acceptance, keys).Error);
        }

        await using var context = await garden.Part<IDbContextFactory<EntitlementDbContext>>().CreateDbContextAsync(Cancel);
        Assert.Single(await context.EvidenceKeys.Where(row => row.PrivateKey != null).ToListAsync(Cancel));
    }

    [Fact]
    public async Task ExportAudit_ByOperator_IsWhole()
    {
        await using var garden = await StartAsync();
        await garden.AcceptAsync(People.Admin(), "mit");

        var summary = (await VerifyAsync(garden, await ExportAsync(garden, People.Operator))).Value;

        Assert.Equal((1L, (long)(await garden.AuditAsync()).Count, 0L), (summary.First, summary.Last, summary.Links));
    }

    [Fact]
    public async Task ExportAudit_ByATenantsAdmin_IsWholeAndTellsNothingOfOthers()
    {
        await using var garden = await StartAsync();
        await garden.AcceptAsync(People.Admin(), "mit");

        var entries = await ExportAsync(garden, People.Admin());

        var summary = (await VerifyAsync(garden, entries)).Value;
        Assert.True(summary.Links > 0);
        Assert.All(entries.Where(entry => entry.Record is not null), entry => Assert.Equal("acme", entry.Record.Tenant));
        Assert.Contains(entries, entry => entry.Record?.Action is "license.accept");
    }

    [Fact]
    public async Task ExportAudit_InParts_IsWholeTogether()
    {
        await using var garden = await StartAsync();
        var first = await ExportAsync(garden, People.Operator, limit: 3);
        await garden.AcceptAsync(People.Admin(), "mit");

        var rest = await ExportAsync(garden, People.Operator, after: 3);

        Assert.NotNull((await VerifyAsync(garden, first)).Error);
        Assert.Null((await VerifyAsync(garden, [.. first, .. rest])).Error);
    }

    [Fact]
    public async Task EraseFromAudit_Account_IsGoneAndTheChainIsWhole()
    {
        await using var garden = await StartAsync();
        await garden.As(People.Operator).SetMemberAsync(new() { Tenant = "acme", Account = "Zoe", Roles = { Admins } }, cancellationToken: Cancel);
        await garden.AcceptAsync(People.Person("zoe", "acme", Roles.Admin), "mit");
        Assert.Equal("Zoe", (await garden.AuditAsync()).Single(record => record.Action is "member.set" && record.Subject is "Zoe").Subject);
        var checkpoint = await garden.As(People.Operator).GetAuditCheckpointAsync(new(), cancellationToken: Cancel);

        var erased = await garden.As(People.Operator).EraseFromAuditAsync(new() { Account = "ZOE" }, cancellationToken: Cancel);

        Assert.Equal(2, erased.Records);
        var entries = await ExportAsync(garden, People.Operator);
        Assert.Null((await VerifyAsync(garden, entries, checkpoint)).Error);
        Assert.DoesNotContain("zoe", string.Join('\n', entries), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("zoe", string.Join('\n', await garden.AuditAsync()), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, (await garden.As(People.Operator).EraseFromAuditAsync(new() { Account = "zoe" }, cancellationToken: Cancel)).Records);
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", garden.As(People.Admin()).EraseFromAuditAsync(new() { Account = "ada" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Prune_OlderThanItIsKept_LeavesWhatVerifiesFromACheckpoint()
    {
        await using var garden = await StartAsync(new() { ["AuditRetention"] = "60.00:00:00" });
        await garden.As(People.Operator).GetAuditCheckpointAsync(new(), cancellationToken: Cancel);
        var old = (await garden.AuditAsync()).Count;
        Assert.Equal(0, await garden.Part<Checkpoints>().PruneAsync(Cancel));

        garden.Clock.Jump(TimeSpan.FromDays(61));
        await garden.AcceptAsync(People.Admin(), "mit");
        await garden.Part<Checkpoints>().PruneAsync(Cancel);

        Assert.True((await garden.AuditAsync())[0].Sequence >= old);
        var summary = (await VerifyAsync(garden, await ExportAsync(garden, People.Operator))).Value;
        Assert.Equal((await garden.AuditAsync())[0].Sequence, summary.First);
        Assert.True(summary.First > 1);
    }

    [Fact]
    public async Task ExportAuditEvents_AreCloudEventsOfTheTenant()
    {
        await using var garden = await StartAsync();
        await garden.AcceptAsync(People.Admin(), "mit");

        using var call = garden.As(People.Admin()).ExportAuditEvents(new(), cancellationToken: Cancel);
        var events = await call.ResponseStream.ReadAllAsync(Cancel).ToListAsync(Cancel);

        Assert.All(events, one => Assert.Equal(("1.0", "acme"), (one.Specversion, one.Tenant)));
        var accepted = events.Single(one => one.Type is "modelgarden.audit.license.accept");
        Assert.Equal(("ada", "mit", accepted.Id), (accepted.Data.Account, accepted.Subject, accepted.Data.Sequence.ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task ExportAudit_BadInput_IsRefused()
    {
        await using var garden = await StartAsync();

        using var call = garden.As(People.Operator).ExportAudit(new() { After = -1 }, cancellationToken: Cancel);
        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancel));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
    }

    [Fact]
    public async Task Events_OfOtherServices_AreTakenOverOnce()
    {
        await using var garden = await StartAsync();
        var (events, at) = (garden.Part<DeploymentEvents>(), garden.Clock.GetUtcNow());
        var change = new Change
        {
            Key = "audit/a1",
            Sequence = 7,
            State = Any.Pack(new AuditEvent { Id = "a1", At = at.ToTimestamp(), Tenant = "Acme", Account = "ann", Action = "endpoint.create", Subject = "chat", Detail = { ["revision"] = "main" } }),
        };

        await events.ApplyAsync(change, Cancel);
        await events.ApplyAsync(change, Cancel);
        // As another replica, and as one that was killed before it knew that it had written.
        var other = new DeploymentEvents(garden.Part<IDbContextFactory<EntitlementDbContext>>(), garden.Part<Ledger>());
        await other.ApplyAsync(change, Cancel);
        await other.ResetAsync(Cancel);
        await other.ApplyAsync(change, Cancel);

        var record = Assert.Single(await garden.AuditAsync(), record => record.Action is "endpoint.create");
        Assert.Equal(("acme", "ann", "chat", at.ToUnixTimeMilliseconds()), (record.Tenant, record.Account, record.Subject, record.At.ToDateTimeOffset().ToUnixTimeMilliseconds()));
        Assert.Equal("""{"event":"a1","revision":"main","service":"deployment"}""", record.Detail);
        await other.StartAsync(Cancel);
        Assert.Equal(7, other.Position);
    }

    private static async Task<List<AuditEntry>> ExportAsync(EntitlementGarden garden, Principal principal, long after = 0, long limit = 0)
    {
        using var call = garden.As(principal).ExportAudit(new() { After = after, Limit = limit }, cancellationToken: Cancel);
        return await call.ResponseStream.ReadAllAsync(Cancel).ToListAsync(Cancel);
    }

    private static async Task<PublicKeys> KeysAsync(EntitlementGarden garden) =>
        PublicKeys.Read(string.Concat((await garden.As(People.Anonymous).ListEvidenceKeysAsync(new(), cancellationToken: Cancel)).Keys.Select(key => key.Pem))).Value;

    /// <summary>Out of the lines that a file would have.</summary>
    private static async Task<Result<AuditSummary>> VerifyAsync(EntitlementGarden garden, IEnumerable<AuditEntry> entries, SignedEnvelope? kept = null)
    {
        using var keys = await KeysAsync(garden);
        var verifier = new AuditVerifier(keys);
        if (kept is not null && verifier.Hold(kept, "kept") is { } bad)
        {
            return bad;
        }

        foreach (var (i, entry) in entries.Index())
        {
            if (verifier.Take(Google.Protobuf.JsonFormatter.Default.Format(entry), $"line {i + 1}") is { } error)
            {
                return error;
            }
        }

        return verifier.Finish();
    }

    /// <summary>What openssl says of a payload and the envelope's signature; it knows DSSE's encoding from its specification, not from here.</summary>
    private static async Task<string> OpensslAsync(EntitlementGarden garden, SignedEnvelope envelope, byte[] payload)
    {
        var folder = Directory.CreateTempSubdirectory("evidence-").FullName;
        try
        {
            var keys = await garden.As(People.Anonymous).ListEvidenceKeysAsync(new(), cancellationToken: Cancel);
            await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), keys.Keys.Single(key => key.Id == envelope.Signatures.Single().Keyid).Pem, Cancel);
            await File.WriteAllBytesAsync(Path.Combine(folder, "signature"), envelope.Signatures.Single().Sig.ToByteArray(), Cancel);
            byte[] signed = [.. Encoding.ASCII.GetBytes($"DSSEv1 28 application/vnd.in-toto+json {payload.Length} "), .. payload];
            await File.WriteAllBytesAsync(Path.Combine(folder, "signed"), signed, Cancel);
            using var openssl = Process.Start(new ProcessStartInfo("openssl", ["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "signed"])
            {
                WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            var said = await openssl.StandardOutput.ReadLineAsync(Cancel);
            await openssl.WaitForExitAsync(Cancel);
            return said?.Trim() ?? "";
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private protected abstract Task<EntitlementGarden> StartAsync(Dictionary<string, string>? settings = null);
}

public sealed class SqliteEvidenceTests : EvidenceContract
{
    private protected override Task<EntitlementGarden> StartAsync(Dictionary<string, string>? settings = null) => EntitlementGarden.StartAsync(null, settings);
}

public sealed class PostgresEvidenceTests : EvidenceContract
{
    private protected override async Task<EntitlementGarden> StartAsync(Dictionary<string, string>? settings = null) => await EntitlementGarden.StartAsync(await TestDatabase.CreateAsync(), settings);
}
