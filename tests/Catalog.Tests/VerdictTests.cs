using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Facts;
using ModelGarden.Contracts.V1;
using ModelGarden.Formats;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Errors;
using ModelGarden.Testing;
using Verdict = ModelGarden.Contracts.V1.Verdict;

namespace ModelGarden.Catalog.Tests;

/// <summary>What a file is under its name, and small files when the rules have changed.</summary>
public abstract class VerdictTests(Engine engine) : CatalogContract(engine)
{
    // A pickle that calls os.system.
    private static readonly byte[] Evil = "cos\nsystem\n(S'x'\ntR."u8.ToArray();

    [Theory]
    [InlineData("run.py", "text", "NAME_UNEXAMINED")]
    [InlineData("a/chat_template.jinja", "text", "NAME_UNEXAMINED")]
    [InlineData("graph.pb", "binary", "NAME_UNEXAMINED")]
    [InlineData("w.safetensors", "gguf", "NAME_PROMISE")]
    [InlineData("w.gguf", "", "NAME_UNEXAMINED")]
    [InlineData("w.bin", "pickle", "")]
    [InlineData("w.pt", "zip", "")]
    [InlineData("graph.pb", "savedmodel", "")]
    public async Task LargeFile_CleanByItsBytes_IsHeldAgainstItsName(string path, string recognized, string rule)
    {
        await CreateAsync();
        var file = Artifacts.Upload("acme", "bytes", 2_000_000, recognized: recognized);

        await CommitAsync(Add("README.md", Card), Large(path, file), Large("copy", file));

        var (entries, record) = await EntriesAsync(Engineer, path, "copy", "README.md");
        var expected = rule.Length > 0 ? Verdict.Suspicious : Verdict.Clean;
        Assert.Equal((expected, rule), (entries[0].Verdict, entries[0].Finding?.Rule ?? ""));
        Assert.Equal([Verdict.Clean, Verdict.Clean], entries.Skip(1).Select(entry => entry.Verdict));
        Assert.Equal(expected, record.Measured.Verdict);
        if (rule.Length > 0)
        {
            var refused = await ErrorAsync(Engineer.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Submit }, cancellationToken: Cancel));
            Assert.Equal("CHECKS_FAILED", refused.Reason);
            Assert.Contains($"'{path}' was found suspicious", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ListFindings_TellsWhichFilesAreNotClean_AndWhetherAllWereExamined()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card), Add("run.pkl", Evil), Large("b/graph.pb", Artifacts.Upload("acme", "bytes", 2_000_000, recognized: "binary")));
        var examined = await Engineer.ListFindingsAsync(new() { Name = Model }, cancellationToken: Cancel);

        var commit = await CommitAsync(Large("w.bin", Artifacts.Upload("acme", "weights", 100, Verdict.Pending)));
        var pending = await Engineer.ListFindingsAsync(new() { Name = Model, Revision = commit.Id }, cancellationToken: Cancel);

        Assert.Equal([("b/graph.pb", Verdict.Suspicious), ("run.pkl", Verdict.Malicious)], examined.Files.Select(file => (file.Path, file.Verdict)));
        Assert.Equal((true, 2), (examined.Examined, examined.Total));
        Assert.Equal((false, 2, commit.Id), (pending.Examined, pending.Total, pending.Commit));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.ListFindingsAsync(new() { Name = Model }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task LargeFile_PublishedUnderAName_IsGivenToOthersUnderThatAlone()
    {
        var (good, bad) = await PublishedWithAsync();

        var found = await Stranger.FindLargeFilesAsync(new() { Name = Model, Sha256 = { good.Sha256, bad.Sha256 } }, cancellationToken: Cancel);

        Assert.Equal([good.Sha256], found.Sha256);
        Assert.Equal("FILE_NOT_CLEAN", await PackRefusalAsync((await Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Head));
    }

    [Fact]
    public async Task SmallFile_OfAnEndingInAnyScript_IsKeptAsItIs()
    {
        await CreateAsync();

        await CommitAsync(Add("notes.GRÖßE", Evil), Add("Release 1.0 – notes", Evil));

        var (entries, _) = await EntriesAsync(Engineer, "notes.GRÖßE", "Release 1.0 – notes");
        Assert.Equal([Verdict.Malicious, Verdict.Malicious], entries.Select(entry => entry.Verdict));
    }

    [Fact]
    public async Task Drafts_OfTheOwnersOtherPeople_AreGivenAsFarAsTheyAreClean()
    {
        await CreateAsync();
        var (good, bad) = (Artifacts.Upload("acme", "good", 5, recognized: "gguf"), Artifacts.Upload("acme", "bad", 6, recognized: "text"));
        var clean = await CommitAsync(Add("README.md", Card), Large("good.gguf", good));
        var head = await CommitAsync(Large("bad.gguf", bad), Add("x.pkl", Evil));
        var lawyer = As(People.Person("lea", "acme", Hosting.Access.Roles.Legal));
        var request = new FindLargeFilesRequest { Name = Model, Sha256 = { good.Sha256, bad.Sha256 } };

        Assert.Equal(2, (await Engineer.FindLargeFilesAsync(request, cancellationToken: Cancel)).Sha256.Count);
        Assert.Equal([good.Sha256], (await lawyer.FindLargeFilesAsync(request, cancellationToken: Cancel)).Sha256);
        Assert.NotEmpty((await ReadPackAsync(Engineer, [head.Id])).Objects);
        Assert.NotEmpty((await ReadPackAsync(lawyer, [clean.Id])).Objects);
        Assert.Equal("FILE_NOT_CLEAN", (await Assert.ThrowsAsync<RpcException>(() => ReadPackAsync(lawyer, [head.Id]))).ToError(ServiceNames.Catalog).Reason);
    }

    [Fact]
    public async Task SmallFile_CleanByOlderRules_IsPendingAndThenWhatItIs()
    {
        var repository = await CreateAsync();
        await CommitAsync(Add("README.md", Card), Add("old.pkl", Evil), Add("config.json", "{}"));
        // As if older rules had found nothing in it.
        await ChangeAsync(context => context.Examinations.Where(row => row.Name == ".pkl").ExecuteDeleteAsync(Cancel));
        var head = await CommitAsync(Add("notes.txt", "more"));
        await PublishHeadAsync();
        await ReadPackAsync(Stranger, [head.Id]);
        await ChangeAsync(context => context.Repositories.ExecuteUpdateAsync(update => update.SetProperty(row => row.RulesVersion, FileExaminer.RulesVersion - 1), Cancel));

        var (before, _) = await EntriesAsync(Stranger, "README.md", "old.pkl");
        Assert.Equal([Verdict.Pending, Verdict.Pending], before.Select(entry => entry.Verdict));
        Assert.Equal("FILE_NOT_CLEAN", await PackRefusalAsync(head.Id));
        Assert.Equal(["FILE_NOT_CLEAN", "FILE_NOT_CLEAN"], [await ReadRefusalAsync("README.md"), await ReadRefusalAsync("old.pkl")]);
        await Garden.RestartAsync(CatalogModule.Definition);

        await UntilAsync(repository.Id, state => state.PublishedRecord?.Measured.Verdict is Verdict.Malicious);
        var (after, _) = await EntriesAsync(Stranger, "README.md", "old.pkl", "config.json");
        Assert.Equal([Verdict.Clean, Verdict.Malicious, Verdict.Clean], after.Select(entry => entry.Verdict));
        Assert.Equal("FILE_NOT_CLEAN", await PackRefusalAsync(head.Id));
        Assert.NotEmpty((await ReadPackAsync(Engineer, [head.Id])).Objects);
        Assert.Equal("FILE_NOT_CLEAN", await ReadRefusalAsync("old.pkl"));
        Assert.Equal(Evil, (await Engineer.ReadFileAsync(new() { Name = Model, Path = "old.pkl" }, cancellationToken: Cancel)).Content.ToByteArray());
        Assert.Equal("{}", (await Stranger.ReadFileAsync(new() { Name = Model, Path = "config.json" }, cancellationToken: Cancel)).Content.ToStringUtf8());
    }

    [Fact]
    public async Task SmallFiles_OfARepositoryThatCannotBeRead_KeepNoOtherWaiting()
    {
        var broken = await CreateAsync();
        await CommitAsync(Add("README.md", Card));
        var other = await CreateAsync("acme/other");
        await Engineer.CreateCommitAsync(new() { Name = "acme/other", Summary = "add", Operations = { Add("x.pkl", Evil) } }, cancellationToken: Cancel);
        Assert.True(string.CompareOrdinal(broken.Id, other.Id) < 0);
        await ChangeAsync(async context =>
        {
            await context.Trees.Where(row => row.RepositoryId == broken.Id).ExecuteUpdateAsync(update => update.SetProperty(row => row.Content, new byte[] { 1 }), Cancel);
            return await context.Repositories.ExecuteUpdateAsync(update => update.SetProperty(row => row.RulesVersion, 1), Cancel);
        });

        await Garden.RestartAsync(CatalogModule.Definition);

        await using var context = Contexts();
        await UntilDoneAsync(context, other.Id);
        Assert.Equal(1, (await context.Repositories.SingleAsync(row => row.Id == broken.Id, Cancel)).RulesVersion);
    }

    [Fact]
    public async Task SmallFile_FoundByNewerRules_IsLeftByOlderOnes()
    {
        var repository = await CreateAsync();
        await CommitAsync(Add("notes.txt", "plain words"));
        var newer = new StoredFile { Verdict = Verdict.Malicious, Examiner = $"{FileExaminer.Name}/{FileExaminer.RulesVersion + 1}" };
        await ChangeAsync(async context =>
        {
            context.Examinations.Add(StoredExamination.Of(repository.Id, (await EntriesAsync(Engineer, "notes.txt")).Entries[0].Oid, ".txt", newer));
            (await context.Repositories.AsTracking().SingleAsync(Cancel)).RulesVersion = 1;
            return await context.SaveChangesAsync(Cancel);
        });

        await Garden.RestartAsync(CatalogModule.Definition);

        await using var context = Contexts();
        await UntilDoneAsync(context, repository.Id);
        Assert.Equal(Verdict.Malicious, (await EntriesAsync(Engineer, "notes.txt")).Entries[0].Verdict);
    }

    [Fact]
    public async Task SmallFile_SuspiciousByOlderRules_IsCleanAgainAndItsRepositoryDone()
    {
        var repository = await CreateAsync();
        await CommitAsync(Add("README.md", Card), Add("config.json", """{"model_type":"llama"}"""));
        var suspicious = new StoredFile { Size = 1, Verdict = Verdict.Suspicious };
        await ChangeAsync(async context =>
        {
            var config = await context.Examinations.AsTracking().SingleAsync(row => row.Name == "config.json", Cancel);
            config.State = Google.Protobuf.MessageExtensions.ToByteArray(suspicious);
            var readme = (await EntriesAsync(Engineer, "README.md")).Entries[0].Oid;
            context.Examinations.Add(StoredExamination.Of(repository.Id, readme, ".md", suspicious));
            (await context.Repositories.AsTracking().SingleAsync(Cancel)).RulesVersion = 1;
            return await context.SaveChangesAsync(Cancel);
        });

        await Garden.RestartAsync(CatalogModule.Definition);

        await using var context = Contexts();
        await UntilDoneAsync(context, repository.Id);
        var (entries, record) = await EntriesAsync(Engineer, "README.md", "config.json");
        Assert.Equal([Verdict.Clean, Verdict.Clean], entries.Select(entry => entry.Verdict));
        Assert.Equal(("llama", Verdict.Clean), (record.Measured.Architecture, record.Measured.Verdict));
    }

    [Fact]
    public async Task Commit_ByAReplicaWithOlderRules_IsExaminedAgain()
    {
        await CreateAsync();
        await ChangeAsync(context => context.Repositories.ExecuteUpdateAsync(update => update.SetProperty(row => row.RulesVersion, FileExaminer.RulesVersion + 1), Cancel));

        await CommitAsync(Add("README.md", Card));

        // For the newer one it is due.
        await ChangeAsync(async context => { Assert.Equal(FileExaminer.RulesVersion, (await context.Repositories.SingleAsync(Cancel)).RulesVersion); return 0; });
    }

    private async Task<(StoredFile Good, StoredFile Bad)> PublishedWithAsync()
    {
        await CreateAsync();
        var (good, bad) = (Artifacts.Upload("acme", "good", 5, recognized: "gguf"), Artifacts.Upload("acme", "bad", 6, recognized: "gguf"));
        await CommitAsync(Add("README.md", Card), Large("good.gguf", good), Large("bad.gguf", bad));
        await PublishHeadAsync();
        // What is known of it by newer rules.
        Artifacts.Tell(new(bad) { Recognized = "text" });
        var id = (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Id;
        await UntilAsync(id, state => state.PublishedRecord?.Measured.Verdict is Verdict.Suspicious);
        return (good, bad);
    }

    private async Task PublishHeadAsync()
    {
        await StepAsync(LifecycleAction.Submit);
        await StepAsync(LifecycleAction.Approve);
        await StepAsync(LifecycleAction.Publish);
    }

    private static async Task<(List<TreeEntry> Entries, ModelRecord Record)> EntriesAsync(Contracts.V1.Catalog.CatalogClient client, params string[] paths)
    {
        var found = await client.GetEntriesAsync(new() { Name = Model, Paths = { paths } }, cancellationToken: Cancel);
        return ([.. found.Entries], found.Record);
    }

    private async Task<string> PackRefusalAsync(string commit) =>
        (await Assert.ThrowsAsync<RpcException>(() => ReadPackAsync(Stranger, [commit]))).ToError(ServiceNames.Catalog).Reason;

    private async Task ChangeAsync(Func<CatalogDbContext, Task<int>> change)
    {
        await using var context = Contexts();
        await change(context);
    }

    private async Task<string> ReadRefusalAsync(string path) => await ReasonAsync(Stranger.ReadFileAsync(new() { Name = Model, Path = path }, cancellationToken: Cancel));

    private static async Task UntilDoneAsync(CatalogDbContext context, string id)
    {
        while (await context.Repositories.AnyAsync(row => row.Id == id && row.RulesVersion < FileExaminer.RulesVersion, Cancel))
        {
            await Task.Yield();
        }
    }
}

public sealed class VerdictsOnSqliteTests() : VerdictTests(Engine.Sqlite);

public sealed class VerdictsOnPostgresTests() : VerdictTests(Engine.Postgres);
