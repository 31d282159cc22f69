using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Entitlement.Tests;

/// <summary>Licences, their texts and what organisations accept, on either engine.</summary>
public abstract class LicenseContract
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Theory]
    [InlineData("apache-2.0", "Version 2.0, January 2004")]
    [InlineData("mit", "Permission is hereby granted, free of charge")]
    public async Task GetLicense_OfANewGarden_HasTheRealTextAndItsDigest(string id, string words)
    {
        await using var garden = await StartAsync();

        var license = await garden.As(People.Anonymous).GetLicenseAsync(new() { Id = id }, cancellationToken: Cancel);

        Assert.Contains(words, license.Text, StringComparison.Ordinal);
        Assert.Equal(Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(license.Text)).Hex, license.TextSha256);
        Assert.Equal((1, true, false), (license.Version, license.RequiresAcceptance, license.Accepted));
    }

    [Fact]
    public async Task PutLicense_SameTextAgain_KeepsTheVersion()
    {
        await using var garden = await StartAsync();
        var request = new PutLicenseRequest { Id = "Acme-1.0", Title = "Acme", Text = "be nice\n", RequiresAcceptance = true };
        var curator = garden.As(People.Curator);

        var first = await curator.PutLicenseAsync(request, cancellationToken: Cancel);
        var records = (await garden.AuditAsync()).Count;
        var again = await curator.PutLicenseAsync(request, cancellationToken: Cancel);

        Assert.Equal(("acme-1.0", 1), (first.Id, first.Version));
        Assert.Equal(first, again);
        Assert.Equal(records, (await garden.AuditAsync()).Count);
    }

    [Fact]
    public async Task PutLicense_NewText_GrowsTheVersionAndEndsAcceptance()
    {
        await using var garden = await StartAsync();
        await garden.AcceptAsync(People.Admin(), "mit");
        Assert.True((await garden.As(People.Engineer()).GetLicenseAsync(new() { Id = "MIT" }, cancellationToken: Cancel)).Accepted);

        await garden.As(People.Curator).PutLicenseAsync(new() { Id = "mit", Title = "MIT", Text = "another", RequiresAcceptance = true }, cancellationToken: Cancel);

        var license = (await garden.As(People.Engineer()).ListLicensesAsync(new(), cancellationToken: Cancel)).Licenses.Single(one => one.Id == "mit");
        Assert.Equal((2, false, ""), (license.Version, license.Accepted, license.Text));
        Assert.Equal("LICENSE_NOT_ACCEPTED", (await garden.DecideAsync(People.Engineer(), Contracts.V1.Action.Download, "meta/llama", "mit")).Rule);
    }

    [Theory]
    [InlineData("", "Title", "text", "BAD_LICENSE_ID")]
    [InlineData("a b", "Title", "text", "BAD_LICENSE_ID")]
    [InlineData("ok", "", "text", "BAD_TEXT")]
    [InlineData("ok", "Title", "", "BAD_TEXT")]
    [InlineData("ok", "Title", "a\0b", "BAD_TEXT")]
    public async Task PutLicense_BadInput_IsRefused(string id, string title, string text, string reason)
    {
        await using var garden = await StartAsync();

        await EntitlementGarden.RefusedAsync(
            ErrorCode.InvalidArgument, reason, garden.As(People.Curator).PutLicenseAsync(new() { Id = id, Title = title, Text = text }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task AcceptLicense_TextThatIsNotTheCurrentOne_IsAConflict()
    {
        await using var garden = await StartAsync();

        var message = await EntitlementGarden.RefusedAsync(
            ErrorCode.Conflict, "TEXT_CHANGED", garden.As(People.Admin()).AcceptLicenseAsync(new() { Id = "mit", TextSha256 = new string('a', 64) }, cancellationToken: Cancel));

        Assert.Contains("version 1", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AcceptLicense_UnknownLicense_IsNotFound()
    {
        await using var garden = await StartAsync();

        await EntitlementGarden.RefusedAsync(
            ErrorCode.NotFound, "LICENSE_NOT_FOUND", garden.As(People.Admin()).AcceptLicenseAsync(new() { Id = "none", TextSha256 = new string('a', 64) }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task AcceptLicense_ByEngineerOrService_IsDenied()
    {
        await using var garden = await StartAsync();
        var request = new AcceptLicenseRequest { Id = "mit", TextSha256 = new string('a', 64) };

        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", garden.As(People.Engineer()).AcceptLicenseAsync(request, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "MEMBERS_ONLY", garden.As(People.Service(ServiceNames.Hub)).AcceptLicenseAsync(request, cancellationToken: Cancel));
    }

    [Fact]
    public async Task AcceptLicense_EightAtOnce_OneAcceptanceAndOneRecord()
    {
        await using var garden = await StartAsync();

        var accepted = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => garden.AcceptAsync(People.Admin(), "mit"))));

        Assert.Single(accepted.Select(acceptance => acceptance.Id).Distinct());
        Assert.Single((await garden.As(People.Admin()).ListAcceptancesAsync(new(), cancellationToken: Cancel)).Acceptances);
        Assert.Single(await garden.AuditAsync(), record => record.Action is "license.accept");
    }

    [Fact]
    public async Task AcceptLicense_Until_StandsToThatMoment()
    {
        await using var garden = await StartAsync();
        var text = await garden.As(People.Admin()).GetLicenseAsync(new() { Id = "mit" }, cancellationToken: Cancel);
        var until = garden.Clock.GetUtcNow().AddHours(1);
        await EntitlementGarden.RefusedAsync(
            ErrorCode.InvalidArgument,
            "BAD_UNTIL",
            garden.As(People.Admin()).AcceptLicenseAsync(new() { Id = "mit", TextSha256 = text.TextSha256, Until = garden.Clock.GetUtcNow().ToTimestamp() }, cancellationToken: Cancel));

        var accepted = await garden.As(People.Admin()).AcceptLicenseAsync(
            new() { Id = "mit", TextSha256 = text.TextSha256, Purpose = "a trial", Until = until.ToTimestamp() }, cancellationToken: Cancel);
        garden.Clock.Jump(TimeSpan.FromMinutes(60) - TimeSpan.FromSeconds(2));
        var before = await garden.DecideAsync(People.Engineer(), Contracts.V1.Action.Deploy, "meta/llama", "mit");
        garden.Clock.Jump(TimeSpan.FromSeconds(2));
        var after = await garden.DecideAsync(People.Engineer(), Contracts.V1.Action.Deploy, "meta/llama", "mit");

        Assert.Equal(("a trial", until), (accepted.Purpose, accepted.Until.ToDateTimeOffset()));
        Assert.Equal(("LICENSE_ACCEPTED", until), (before.Rule, before.ValidUntil.ToDateTimeOffset()));
        Assert.Equal("LICENSE_NOT_ACCEPTED", after.Rule);
        await garden.AcceptAsync(People.Admin(), "mit");
        Assert.Equal(2, (await garden.As(People.Admin()).ListAcceptancesAsync(new(), cancellationToken: Cancel)).Acceptances.Count);
    }

    [Fact]
    public async Task WithdrawAcceptance_Standing_RefusesFromThenOnAndKeepsTheEvidence()
    {
        await using var garden = await StartAsync();
        var accepted = await garden.AcceptAsync(People.Admin(), "mit");
        Assert.True((await garden.DecideAsync(People.Engineer(), Contracts.V1.Action.Call, "meta/llama", "mit")).Allowed);

        var withdrawn = await garden.As(People.Admin()).WithdrawAcceptanceAsync(new() { Id = "mit" }, cancellationToken: Cancel);

        Assert.False((await garden.DecideAsync(People.Engineer(), Contracts.V1.Action.Call, "meta/llama", "mit")).Allowed);
        var evidence = Assert.Single((await garden.As(People.Engineer()).ListAcceptancesAsync(new(), cancellationToken: Cancel)).Acceptances);
        Assert.Equal(withdrawn, evidence);
        evidence.WithdrawnAt = null;
        Assert.Equal(accepted, evidence);
        Assert.Equal(withdrawn, (await garden.FeedAsync()).Single(change => change.Key is "acceptance/acme/mit").State.Unpack<Acceptance>());
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "NOT_ACCEPTED", garden.As(People.Admin()).WithdrawAcceptanceAsync(new() { Id = "mit" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task GetLicense_EveryVersionAndDigest_IsReadable()
    {
        await using var garden = await StartAsync();
        var curator = garden.As(People.Curator);
        var first = await curator.GetLicenseAsync(new() { Id = "mit" }, cancellationToken: Cancel);
        var second = await curator.PutLicenseAsync(new() { Id = "mit", Title = "MIT", Text = "another", RequiresAcceptance = true }, cancellationToken: Cancel);

        var versions = (await garden.As(People.Anonymous).ListLicenseVersionsAsync(new() { Id = "mit" }, cancellationToken: Cancel)).Versions;
        var byVersion = await curator.GetLicenseAsync(new() { Id = "mit", Version = 1 }, cancellationToken: Cancel);
        var byDigest = await curator.GetLicenseAsync(new() { Id = "mit", TextSha256 = first.TextSha256 }, cancellationToken: Cancel);

        Assert.Equal([(2, second.TextSha256), (1, first.TextSha256)], versions.Select(one => (one.Version, one.TextSha256)));
        Assert.Equal((first.Text, 1), (byVersion.Text, byVersion.Version));
        Assert.Equal(byVersion, byDigest);
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "TEXT_NOT_FOUND", curator.GetLicenseAsync(new() { Id = "mit", Version = 3 }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "LICENSE_NOT_FOUND", curator.ListLicenseVersionsAsync(new() { Id = "none" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task PutLicense_WithoutObligations_HasThoseOfItsSpdxId()
    {
        await using var garden = await StartAsync();

        var license = await garden.As(People.Curator).PutLicenseAsync(new() { Id = "CC-BY-NC-SA-4.0", Title = "CC", Text = "text" }, cancellationToken: Cancel);
        var own = await garden.As(People.Curator).PutLicenseAsync(new() { Id = "own-1.0", Title = "Own", Text = "text" }, cancellationToken: Cancel);

        Assert.Equal(new Obligations { CommercialUse = Permission.Forbidden, Derivatives = Permission.Allowed, ShareAlike = ShareAlike.Work, Attribution = true }, license.Obligations);
        Assert.Equal(new Obligations(), own.Obligations);
    }

    [Fact]
    public async Task PutLicense_OtherObligations_KeepTheVersionAndStay()
    {
        await using var garden = await StartAsync();
        var curator = garden.As(People.Curator);
        var said = new Obligations
        {
            CommercialUse = Permission.Conditional, MonthlyUserLimit = 700_000_000, RevenueLimit = new() { Units = 20_000_000, Currency = "USD" }, DerivativeNamePrefix = "Llama", ExcludedRegions = { "CU" }, ForbiddenUses = { "weapons" }, ExportControl = "EAR99",
        };
        await curator.PutLicenseAsync(new() { Id = "own-1.0", Title = "Own", Text = "text", Obligations = said }, cancellationToken: Cancel);

        var kept = await curator.PutLicenseAsync(new() { Id = "own-1.0", Title = "Another title", Text = "text" }, cancellationToken: Cancel);
        said.Attribution = true;
        var mended = await curator.PutLicenseAsync(new() { Id = "own-1.0", Title = "Another title", Text = "text", Obligations = said }, cancellationToken: Cancel);

        Assert.Equal((1, false), (kept.Version, kept.Obligations.Attribution));
        Assert.Equal((1, said), (mended.Version, mended.Obligations));
        Assert.Equal(said, (await curator.GetLicenseAsync(new() { Id = "own-1.0", Version = 1 }, cancellationToken: Cancel)).Obligations);
    }

    public static TheoryData<Obligations> BadObligations =>
    [
        new Obligations { CommercialUse = (Permission)9 },
        new Obligations { ShareAlike = (ShareAlike)9 },
        new Obligations { MonthlyUserLimit = -1 },
        new Obligations { RevenueLimit = new() { Units = 5, Currency = "usd" } },
        new Obligations { RevenueLimit = new() { Currency = "USD" } },
        new Obligations { ExcludedRegions = { "Cuba" } },
        new Obligations { PermittedRegions = { "DE", "DE" } },
        new Obligations { ForbiddenUses = { Enumerable.Repeat("x", 65) } },
    ];

    [Theory]
    [MemberData(nameof(BadObligations))]
    public async Task PutLicense_BadObligations_AreRefused(Obligations obligations)
    {
        await using var garden = await StartAsync();

        await EntitlementGarden.RefusedAsync(
            ErrorCode.InvalidArgument, "BAD_OBLIGATIONS", garden.As(People.Curator).PutLicenseAsync(new() { Id = "own", Title = "Own", Text = "text", Obligations = obligations }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task PutLicense_WithGrace_LetsTheOldAcceptanceCountForThatTime()
    {
        await using var garden = await StartAsync();
        var curator = garden.As(People.Curator);
        await garden.AcceptAsync(People.Admin(), "mit");
        await EntitlementGarden.RefusedAsync(
            ErrorCode.InvalidArgument, "BAD_GRACE", curator.PutLicenseAsync(new() { Id = "mit", Title = "MIT", Text = "second", RequiresAcceptance = true, GraceDays = 367 }, cancellationToken: Cancel));

        var changed = await curator.PutLicenseAsync(new() { Id = "mit", Title = "MIT", Text = "second", RequiresAcceptance = true, GraceDays = 30 }, cancellationToken: Cancel);

        var end = garden.Clock.GetUtcNow().AddDays(30);
        Assert.Equal(end, changed.GraceUntil.ToDateTimeOffset());
        var within = await garden.DecideAsync(People.Engineer(), Contracts.V1.Action.Download, "meta/llama", "mit");
        Assert.Equal(("LICENSE_ACCEPTED", end), (within.Rule, within.EndsAt.ToDateTimeOffset()));
        Assert.True((await garden.As(People.Engineer()).GetLicenseAsync(new() { Id = "mit" }, cancellationToken: Cancel)).Accepted);
        garden.Clock.Jump(TimeSpan.FromDays(30));
        Assert.Equal("LICENSE_NOT_ACCEPTED", (await garden.DecideAsync(People.Engineer(), Contracts.V1.Action.Download, "meta/llama", "mit")).Rule);
    }

    [Fact]
    public async Task WithdrawAcceptance_WithinGrace_EndsTheOldOneToo()
    {
        await using var garden = await StartAsync();
        await garden.AcceptAsync(People.Admin(), "mit");
        await garden.As(People.Curator).PutLicenseAsync(new() { Id = "mit", Title = "MIT", Text = "second", RequiresAcceptance = true, GraceDays = 30 }, cancellationToken: Cancel);
        await garden.AcceptAsync(People.Admin(), "mit");

        await garden.As(People.Admin()).WithdrawAcceptanceAsync(new() { Id = "mit" }, cancellationToken: Cancel);

        Assert.False((await garden.DecideAsync(People.Engineer(), Contracts.V1.Action.Download, "meta/llama", "mit")).Allowed);
        Assert.All((await garden.As(People.Admin()).ListAcceptancesAsync(new(), cancellationToken: Cancel)).Acceptances, one => Assert.NotNull(one.WithdrawnAt));
    }

    private protected abstract Task<EntitlementGarden> StartAsync();
}

public sealed class SqliteLicenseTests : LicenseContract
{
    private protected override Task<EntitlementGarden> StartAsync() => EntitlementGarden.StartAsync(null);
}

public sealed class PostgresLicenseTests : LicenseContract
{
    private protected override async Task<EntitlementGarden> StartAsync() => await EntitlementGarden.StartAsync(await TestDatabase.CreateAsync());
}
