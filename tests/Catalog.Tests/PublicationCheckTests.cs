using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>What an operator requires of revisions, and what is said of each requirement.</summary>
public abstract class PublicationCheckTests(Engine engine) : CatalogContract(engine)
{
    protected override IReadOnlyDictionary<string, string> Settings { get; } =
        new Dictionary<string, string> { ["Curation:Partner:Checks"] = "card-complete no-pickle license-known", ["Curation:Partner:Approvals"] = "2" };

    [Fact]
    public async Task ListChecks_Usual_SaysWhatIsPassedAndWhatIsMissing()
    {
        await CreateAsync();
        var commit = await CommitAsync(Large("w.bin", Artifacts.Upload("acme", "weights", 100, Verdict.Pending)), Add("README.md", "---\nlicense: other\n---\n"));

        var listed = await ListAsync();

        Assert.Equal((commit.Id, SourceKind.FirstParty, false, 1), (listed.Commit, listed.SourceKind, listed.Passed, listed.RequiredApprovals));
        Assert.Equal(
            ["scan-clean False 'w.bin' has not been examined yet", "card-valid True ", "license-known False README.md declares the licence 'other' without a 'license_name'"],
            listed.Checks.Select(check => $"{check.Name} {check.Passed} {string.Join(", ", check.Problems)}"));
        Assert.All(listed.Checks, check => Assert.NotEmpty(check.Description));
        var error = await ErrorAsync(Engineer.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Submit }, cancellationToken: Cancel));
        Assert.Equal("CHECKS_FAILED", error.Reason);
        Assert.EndsWith(
            "scan-clean: 'w.bin' has not been examined yet; license-known: README.md declares the licence 'other' without a 'license_name'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListChecks_NothingMissing_IsPassedAndCanBeSubmitted()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card));

        Assert.True((await ListAsync()).Passed);
        Assert.Equal(Lifecycle.Submitted, (await StepAsync(LifecycleAction.Submit)).Lifecycle);
    }

    [Fact]
    public async Task ListChecks_Mirrored_WantsItsOriginPinned()
    {
        await Engineer.CreateRepositoryAsync(new() { Name = Model, Source = new() { Kind = SourceKind.Mirrored, Origin = "https://example.com/x" } }, cancellationToken: Cancel);
        await CommitAsync(Add("README.md", Card));

        var listed = await ListAsync();

        Assert.Equal(["scan-clean", "card-valid", "license-known", "origin-pinned"], listed.Checks.Select(check => check.Name));
        Assert.Equal(
            [
                "the repository's source has no origin_revision: set which revision was copied",
                "there are no checksums on record of what upstream said of its files: 'garden models import SOURCE --name acme/llama' records them",
            ],
            Problems(listed));
        await Engineer.UpdateRepositoryAsync(new() { Name = Model, Source = SourceAt("abc") }, cancellationToken: Cancel);
        Assert.StartsWith("there are no checksums on record", Assert.Single(Problems(await ListAsync())), StringComparison.Ordinal);
        Assert.Equal("CHECKS_FAILED", await ReasonAsync(Engineer.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Submit }, cancellationToken: Cancel)));

        await Upstream.RecordAsync(Engineer, Model, "https://example.com/x", "abc", Upstream.File("README.md", Card));

        Assert.True((await ListAsync()).Passed);
        // What was taken over is behind what is submitted, changed as that may be.
        await CommitAsync(Add("mine", "here alone"));
        Assert.Equal(Lifecycle.Submitted, (await StepAsync(LifecycleAction.Submit)).Lifecycle);
    }

    [Fact]
    public async Task ListChecks_MirroredWithChecksumsOfAnotherSource_WantsThoseOfThisOne()
    {
        await CreateAsync();
        var before = await CommitAsync(Add("README.md", Card));
        await CommitAsync(Add("a", "1"));
        await Upstream.RecordAsync(Engineer, Model, "https://example.com/x", "v1", Upstream.File("a", "1"));

        var older = await Engineer.ListChecksAsync(new() { Name = Model, Revision = before.Id }, cancellationToken: Cancel);
        await Engineer.UpdateRepositoryAsync(new() { Name = Model, Source = SourceAt("v2") }, cancellationToken: Cancel);
        var other = await ListAsync();
        await Engineer.UpdateRepositoryAsync(new() { Name = Model, Source = SourceAt("v1") }, cancellationToken: Cancel);

        Assert.StartsWith("there are no checksums on record", Assert.Single(Problems(older)), StringComparison.Ordinal);
        Assert.StartsWith("the checksums behind it, of record 1, are those of https://example.com/x at v1, which is not what", Assert.Single(Problems(other)), StringComparison.Ordinal);
        Assert.False((await ListAsync()).Passed);
        await Upstream.RecordAsync(Engineer, Model, "https://example.com/x", "v1", Upstream.File("a", "1"));
        Assert.True((await ListAsync()).Passed);
    }

    [Fact]
    public async Task ListChecks_OfPartnersAsConfigured_AreThoseInTheirOrder()
    {
        await Engineer.CreateRepositoryAsync(new() { Name = Model, Source = new() { Kind = SourceKind.Partner } }, cancellationToken: Cancel);
        var checkpoint = Artifacts.Upload("acme", "checkpoint", 100, Verdict.Clean, new() { Format = "torch" });
        await CommitAsync(Add("README.md", "---\nlicense: mit\n---\n"), Large("a.bin", checkpoint));

        var listed = await ListAsync();

        Assert.Equal((false, 2), (listed.Passed, listed.RequiredApprovals));
        Assert.Equal(["card-complete False 2", "no-pickle False 1", "license-known True 0"], listed.Checks.Select(check => $"{check.Name} {check.Passed} {check.Problems.Count}"));
        await CommitAsync(Add("README.md", Card), Delete("a.bin"));
        Assert.True((await ListAsync()).Passed);
    }

    [Fact]
    public async Task Approve_TwoAreRequired_IsApprovedWithTheSecond()
    {
        await Engineer.CreateRepositoryAsync(new() { Name = Model, Source = new() { Kind = SourceKind.Partner } }, cancellationToken: Cancel);
        await CommitAsync(Add("README.md", Card));
        await StepAsync(LifecycleAction.Submit);

        Assert.Equal(Lifecycle.InReview, (await StepAsync(LifecycleAction.Approve)).Lifecycle);
        Assert.Equal("APPROVED_ALREADY", await ReasonAsync(Curator.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Approve }, cancellationToken: Cancel)));
        var approved = await As(People.Operator).ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Approve }, cancellationToken: Cancel);
        Assert.Equal((Lifecycle.Approved, "ann", "cora,root"), (approved.Lifecycle, approved.Submission.Submitter, string.Join(',', approved.Submission.Approvals)));
    }

    [Fact]
    public async Task ListChecks_AnyRevision_ForTheOwnerAndCuratorsAlone()
    {
        var (_, commit) = await PublishAsync();

        Assert.Equal(commit.Id, (await Curator.ListChecksAsync(new() { Name = Model, Revision = commit.Id[..8] }, cancellationToken: Cancel)).Commit);
        Assert.Equal("OWNER_ONLY", await ReasonAsync(Stranger.ListChecksAsync(new() { Name = Model }, cancellationToken: Cancel)));
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Engineer.ListChecksAsync(new() { Name = Model, Revision = "nope" }, cancellationToken: Cancel)));
    }

    private static Source SourceAt(string revision) => new() { Kind = SourceKind.Mirrored, Origin = "https://example.com/x", OriginRevision = revision };

    private static IEnumerable<string> Problems(ListChecksResponse listed) => listed.Checks.SelectMany(check => check.Problems);

    private async Task<ListChecksResponse> ListAsync() => await Engineer.ListChecksAsync(new() { Name = Model }, cancellationToken: Cancel);
}

public sealed class PublicationChecksOnSqliteTests() : PublicationCheckTests(Engine.Sqlite);

public sealed class PublicationChecksOnPostgresTests() : PublicationCheckTests(Engine.Postgres);

/// <summary>The settings by themselves.</summary>
public sealed class CurationOptionsTests
{
    [Fact]
    public void Faults_Defaults_AreNone() => Assert.Empty(new CurationOptions().Faults());

    [Theory]
    [InlineData("scan-clean, licence-known", 1, "names 'licence-known', which is no check: there are scan-clean, card-valid")]
    [InlineData(" , ", 1, "Garden:Curation:Mirrored:Checks is empty")]
    [InlineData("scan-clean", 0, "Garden:Curation:Mirrored:Approvals is 0: 1 to 10 is expected")]
    [InlineData("scan-clean", 11, "Garden:Curation:Mirrored:Approvals is 11: 1 to 10 is expected")]
    public void Faults_WrongSetting_SayWhichAndWhatIsExpected(string checks, int approvals, string expected)
    {
        var options = new CurationOptions { Mirrored = new() { Checks = checks, Approvals = approvals } };

        Assert.Contains(expected, Assert.Single(options.Faults()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_UnknownCheck_IsRefusedWithTheNamesThatThereAre()
    {
        var settings = new Dictionary<string, string> { ["Curation:FirstParty:Checks"] = "scan-clean virus-free" };

        var refused = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => TestGarden.StartAsync(null, null, settings, CatalogModule.Definition));

        Assert.Contains("Garden:Curation:FirstParty:Checks names 'virus-free', which is no check", refused.Message, StringComparison.Ordinal);
    }
}
