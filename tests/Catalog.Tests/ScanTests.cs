using System.Net.Sockets;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>Small files and the virus scanner.</summary>
public abstract class ScanTests(Engine engine) : CatalogContract(engine)
{
    private const string Known = "what the scanner knows";
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"clamav-{Guid.NewGuid():n}.sock");

    [Fact]
    public async Task Commit_OfWhatTheScannerKnows_IsMalicious()
    {
        await using var scanner = StartScanner();
        await UseScannerAsync();
        await CreateAsync();

        await CommitAsync(Add("README.md", Card), Add("docs/notes.txt", Known), Add("again", Known));

        var entries = await EntriesAsync("README.md", "docs/notes.txt", "again");
        Assert.Equal([Verdict.Clean, Verdict.Malicious, Verdict.Malicious], entries.Select(entry => entry.Verdict));
        Assert.Equal(("CLAMAV_FOUND", "ClamAV knows this as 'Win.Test.Evil-1'"), (entries[2].Finding.Rule, entries[2].Finding.Message));
        // The same under two names is sent once.
        Assert.Equal(2, scanner.Seen.Count);
    }

    [Fact]
    public async Task Push_OfWhatTheScannerKnows_IsMalicious()
    {
        await using var scanner = StartScanner();
        await UseScannerAsync();
        await CreateAsync();
        var push = new PushBuilder(Model);
        var head = push.Commit(push.File("notes.txt", Known));

        Assert.Equal([""], await push.Move("refs/heads/main", "", head).PushAsync(Engineer, Cancel));

        Assert.Equal(Verdict.Malicious, Assert.Single(await EntriesAsync("notes.txt")).Verdict);
    }

    [Fact]
    public async Task Commit_WhileTheScannerIsDown_IsPendingUntilItIsBack()
    {
        await UseScannerAsync();
        var repository = await CreateAsync();
        await CommitAsync(Add("README.md", Card), Add("notes.txt", Known), Add("x.pkl", "cos\nsystem\n(S'x'\ntR."));

        // What its format gives away needs no scanner.
        Assert.Equal([Verdict.Pending, Verdict.Pending, Verdict.Malicious], await VerdictsAsync("README.md", "notes.txt", "x.pkl"));
        await CommitAsync(Delete("x.pkl"), Add("more.txt", "nothing"));
        await using var scanner = StartScanner();
        await Garden.RestartAsync(CatalogModule.Definition);

        await UntilAsync(repository.Id, state => state.Record?.Measured.Verdict is Verdict.Malicious);
        Assert.Equal([Verdict.Clean, Verdict.Malicious, Verdict.Clean], await VerdictsAsync("README.md", "notes.txt", "more.txt"));
    }

    [Fact]
    public async Task Scanner_TurnedOnLater_IsShownWhatWasThere()
    {
        var repository = await CreateAsync();
        await CommitAsync(Add("README.md", Card), Add("notes.txt", Known));
        Assert.Equal([Verdict.Clean, Verdict.Clean], await VerdictsAsync("README.md", "notes.txt"));

        await using var scanner = StartScanner();
        await UseScannerAsync();

        await UntilAsync(repository.Id, state => state.Record?.Measured.Verdict is Verdict.Malicious);
        Assert.Equal([Verdict.Clean, Verdict.Malicious], await VerdictsAsync("README.md", "notes.txt"));
    }

    [Fact]
    public async Task Scanner_TurnedOnAndNotThere_LeavesNothingClean()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card));
        await UseScannerAsync();

        Assert.Equal([Verdict.Pending], await VerdictsAsync("README.md"));
    }

    [Fact]
    public async Task GitAttributes_MadeAnewForALargeFile_AreShownToo()
    {
        await CreateAsync();
        await using var scanner = new ClamAvStandIn(new UnixDomainSocketEndPoint(_path), bytes => System.Text.Encoding.UTF8.GetString(bytes).Contains(Known, StringComparison.Ordinal) ? "stream: Win.Test.Evil-1 FOUND" : "stream: OK");
        await UseScannerAsync();
        await CommitAsync(Add("README.md", Card), Add(".gitattributes", $"# {Known}\n"));

        await CommitAsync(Large("w.bin", Artifacts.Upload("acme", "bytes", 2_000_000, recognized: "pickle")));

        var entry = Assert.Single(await EntriesAsync(".gitattributes"));
        Assert.Equal((Verdict.Malicious, true), (entry.Verdict, entry.Size > Known.Length + 3));
    }

    [Fact]
    public async Task File_ThatTheScannerFailsOver_KeepsNoOtherRepositoryWaiting()
    {
        var poisoned = await CreateAsync();
        await CommitAsync(Add("README.md", Card), Add("notes.txt", Known));
        var other = await CreateAsync("acme/other");
        await Engineer.CreateCommitAsync(new() { Name = "acme/other", Summary = "add", Operations = { Add("notes.txt", "more") } }, cancellationToken: Cancel);
        await using var scanner = new ClamAvStandIn(
            new UnixDomainSocketEndPoint(_path), bytes => bytes.AsSpan().SequenceEqual("what the scanner knows"u8) ? "stream: Can't allocate memory ERROR" : bytes.AsSpan().SequenceEqual("more"u8) ? "stream: Win.Test.Evil-1 FOUND" : "stream: OK");
        Assert.True(string.CompareOrdinal(poisoned.Id, other.Id) < 0);

        await UseScannerAsync();

        await UntilAsync(other.Id, state => state.Record?.Measured.Verdict is Verdict.Malicious);
        Assert.Equal([Verdict.Pending, Verdict.Pending], await VerdictsAsync("README.md", "notes.txt"));
    }

    [Fact]
    public async Task Replica_WithoutAScanner_MakesNothingCleanForOneThatHasIt()
    {
        await CreateAsync();
        await UseScannerAsync();
        await CommitAsync(Add("README.md", Card), Add("notes.txt", Known));
        Assert.Equal([Verdict.Pending, Verdict.Pending], await VerdictsAsync("README.md", "notes.txt"));

        // The other replica examines what waits, and has nobody to show it to.
        Garden.Change("ClamAv:Address", "");
        await Garden.RestartAsync(CatalogModule.Definition);
        while (await VerdictsAsync("README.md") is not [Verdict.Clean])
        {
            Cancel.ThrowIfCancellationRequested();
        }

        Garden.Change("ClamAv:Address", $"unix:{_path}");
        await Garden.RestartAsync(CatalogModule.Definition);

        Assert.Equal([Verdict.Pending, Verdict.Pending], await VerdictsAsync("README.md", "notes.txt"));
    }

    private ClamAvStandIn StartScanner() =>
        new(new UnixDomainSocketEndPoint(_path), bytes => bytes.AsSpan().SequenceEqual("what the scanner knows"u8) ? "stream: Win.Test.Evil-1 FOUND" : "stream: OK");

    private Task UseScannerAsync()
    {
        Garden.Change("ClamAv:Address", $"unix:{_path}");
        return Garden.RestartAsync(CatalogModule.Definition);
    }

    private async Task<List<TreeEntry>> EntriesAsync(params string[] paths) =>
        [.. (await Engineer.GetEntriesAsync(new() { Name = Model, Paths = { paths } }, cancellationToken: Cancel)).Entries];

    private async Task<List<Verdict>> VerdictsAsync(params string[] paths) => (await EntriesAsync(paths)).Select(entry => entry.Verdict).ToList();
}

public sealed class ScansOnSqliteTests() : ScanTests(Engine.Sqlite);

public sealed class ScansOnPostgresTests() : ScanTests(Engine.Postgres);
