using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.EndToEnd.Tests.Gardens;
using ModelGarden.Testing;
using static ModelGarden.EndToEnd.Tests.Gardens.HubUploads;

namespace ModelGarden.EndToEnd.Tests;

/// <summary>SIGKILL to one of two replicas of Hub and Catalog while clients commit through both: they try again and get through, and nothing that was acknowledged is lost.</summary>
public sealed class ReplicaKillTests : IAsyncLifetime
{
    private const string Name = "garden/twins";
    private const int Writers = 6;
    private const int FilesEach = 12;
    private const int Rounds = 20;
    private readonly TwoReplicas _garden = new();

    private static CancellationToken Cancel => Patience.Cancel;

    public async ValueTask InitializeAsync() => await _garden.StartAsync();

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Fact]
    public async Task Kill_OfOneReplicaUnderLoad_LosesNoAcknowledgedCommit_AndClientsGetThrough()
    {
        await _garden.CallAsync(RunningGarden.AdminToken, "POST", "/garden/v1/repositories", new { name = Name });
        var (answers, halfway) = (0, new TaskCompletionSource());
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                var commits = new List<string>();
                for (var file = 0; file < FilesEach; file++)
                {
                    commits.Add(await CommitAsync(writer, file));
                    if (Interlocked.Increment(ref answers) == Writers * FilesEach / 3)
                    {
                        halfway.SetResult();
                    }
                }

                return commits;
            },
            Cancel)).ToList();

        await halfway.Task.InTimeAsync();
        await _garden.KillSecondAsync();
        var acknowledged = (await Task.WhenAll(writers).InTimeAsync()).SelectMany(commits => commits).ToHashSet();

        var commits = (await _garden.CallAsync(RunningGarden.AdminToken, "GET", $"/garden/v1/repositories/{Name}/commits?pageSize=1000"))["commits"]!.AsArray();
        Assert.Subset(commits.Select(commit => (string)commit!["id"]!).ToHashSet(), acknowledged);
        // Each once, however often it was sent.
        Assert.Equal(Files.Select(MarkOf).Order(StringComparer.Ordinal), commits.Select(commit => (string)commit!["summary"]!).Order(StringComparer.Ordinal));
        await AssertIsWholeAsync(commits.Count);
    }

    [Fact]
    public async Task Commit_ByOneReplica_IsWhatTheOtherResolves()
    {
        await _garden.CallAsync(RunningGarden.AdminToken, "POST", "/garden/v1/repositories", new { name = Name });
        var seen = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var commit = await TryCommitAsync(round % 2, "README.md", $"round {round}");
            var committed = Stopwatch.GetTimestamp();
            using var other = _garden.At((round + 1) % 2);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            end.CancelAfter(TimeSpan.FromMinutes(1));
            // It has answered from memory before: its feed is a quarter of a second behind at most.
            while (await HeadAsync(other) != commit)
            {
                end.Token.ThrowIfCancellationRequested();
            }

            seen.Add(Stopwatch.GetElapsedTime(committed).TotalMilliseconds);
            Assert.Equal(commit, await HeadAsync(other));
        }

        // Without the first of each, which compiles what it runs.
        var warm = seen.Skip(2).Order().ToList();
        TestContext.Current.TestOutputHelper!.WriteLine($"seen by the other replica after {warm[warm.Count / 2]:0} ms ({warm[0]:0}–{warm[^1]:0}), {warm.Count} commits");
    }

    private static async Task<string?> HeadAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, $"/{Name}/resolve/main/README.md");
        using var answer = await client.SendAsync(request, Cancel);
        return answer.Headers.TryGetValues("X-Repo-Commit", out var values) ? values.Single() : null;
    }

    /// <summary>As clients do behind a balancer: what fails is tried again, at the other side.</summary>
    private async Task<string> CommitAsync(int writer, int file)
    {
        for (var attempt = 0; ; attempt++)
        {
            if (await TryCommitAsync((writer + attempt) % 2, PathOf((writer, file)), MarkOf((writer, file))) is { } commit)
            {
                return commit;
            }

            Assert.True(attempt < 20, $"file {file} of writer {writer} does not get through");
        }
    }

    private async Task<string?> TryCommitAsync(int replica, string path, string content)
    {
        using var client = _garden.At(replica);
        using var body = Summed(content, SmallFile(path, Encoding.UTF8.GetBytes(content)));
        try
        {
            using var answer = await client.PostAsync(new Uri($"/api/models/{Name}/commit/main", UriKind.Relative), body, Cancel);
            Assert.True(answer.IsSuccessStatusCode || answer.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
            return answer.IsSuccessStatusCode ? (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!["commitOid"]! : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>As git sees it: every object is there and right, every file is in the tree, and nothing is there that nobody sent.</summary>
    private async Task AssertIsWholeAsync(int commits)
    {
        var folder = await Git.CloneAsync(_garden, Name);
        Assert.Equal($"{commits}", (await Git.RunAsync("-C", folder, "rev-list", "--count", "HEAD")).Trim());
        var files = (await Git.RunAsync("-C", folder, "ls-tree", "-r", "--name-only", "HEAD")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(path => path.Contains('/', StringComparison.Ordinal));
        Assert.Equal(Files.Select(PathOf).Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<(int Writer, int File)> Files => Enumerable.Range(0, Writers).SelectMany(writer => Enumerable.Range(0, FilesEach).Select(file => (writer, file)));

    private static string PathOf((int Writer, int File) one) => $"{one.Writer}/file-{one.File}";

    /// <summary>What its commit is called, and no other.</summary>
    private static string MarkOf((int Writer, int File) one) => $"{one.File} by {one.Writer}";
}
