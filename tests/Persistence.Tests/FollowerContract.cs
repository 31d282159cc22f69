using System.Diagnostics;
using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Feeds;
using ModelGarden.Persistence.Victim;
using ModelGarden.Testing;

namespace ModelGarden.Persistence.Tests;

/// <summary>What a follower and an operator see when services stop, start and are killed.</summary>
public abstract class FollowerContract : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("garden-").FullName;

    protected static CancellationToken Cancel => Patience.Cancel;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Follower_AcrossARestartOfItsService_MissesNothing()
    {
        var mirror = new Mirror();
        await using var database = await DatabaseAsync();
        var garden = await TestGarden.StartAsync(database, null, null, VictimModule.Definition, new ServiceDefinition(
            ServiceNames.Search,
            builder =>
            {
                builder.Services.AddSingleton(mirror);
                builder.Services.AddFeedFollower<Mirror>(ServiceNames.Catalog);
            },
            _ => { }));
        await using var store = new Store(garden);
        await store.AnnounceAsync("a", "1");
        await mirror.UntilAsync("a=1");

        await store.RestartAsync();
        await store.AnnounceAsync("a", "2");
        await store.AnnounceAsync("b", "1");
        await mirror.UntilAsync("b=1");

        await store.AnnounceAsync("b", null);
        await store.ForgetAsync(DateTimeOffset.UtcNow.AddMinutes(1));
        await store.RestartAsync();
        await store.AnnounceAsync("c", "1");
        await mirror.UntilAsync("c=1");

        Assert.Equal(["a=2", "c=1"], mirror.States);
    }

    [Fact]
    public async Task Kill_OfAWritingService_KeepsWhatItHadAcknowledged_AndTheFeedTellsTheSame()
    {
        await using var database = await DatabaseAsync();
        var acknowledged = new HashSet<string>();
        for (var round = 0; round < 3; round++)
        {
            acknowledged.UnionWith(await WriteUntilKilledAsync(database, lines: 20 + (round * 30)));
        }

        await using var store = await Store.StartAsync(database, data: _folder);
        await using var context = store.Context();
        var rows = await context.Things.Select(thing => thing.Name).ToListAsync(Cancel);
        Assert.Subset(rows.ToHashSet(), acknowledged);
        // Each of the writers may have committed one thing more than it could tell of.
        Assert.InRange(rows.Count - acknowledged.Count, 0, 3 * 4);
        Assert.Equal(rows.Select(name => $"{name}={name}").Order(StringComparer.Ordinal), (await store.StatesAsync()).Order(StringComparer.Ordinal));
    }

    protected abstract Task<TestDatabase?> DatabaseAsync();

    private async Task<IReadOnlyList<string>> WriteUntilKilledAsync(TestDatabase? database, int lines)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ModelGarden.Persistence.Victim.dll"));
        start.ArgumentList.Add("4");
        start.Environment["Garden__Data"] = _folder;
        start.Environment["Garden__Database"] = database?.ConnectionString ?? "";
        start.Environment["Garden__ServiceSecret"] = "a secret of tests, long enough for all";
        start.Environment["Garden__Services__catalog__Grpc"] = $"unix:{_folder}/catalog.sock";
        using var victim = Process.Start(start)!;
        var names = new List<string>();
        try
        {
            for (var i = 0; i < lines; i++)
            {
                names.Add(await victim.StandardOutput.ReadLineAsync(Cancel).AsTask().InTimeAsync($"line {i} of the victim's {lines}") ?? throw new InvalidOperationException("the victim ended by itself"));
            }
        }
        finally
        {
            victim.Kill();
        }

        // The last line may have been cut short.
        var rest = await victim.StandardOutput.ReadToEndAsync(Cancel).InTimeAsync();
        await victim.WaitForExitAsync(Cancel).InTimeAsync();
        return [.. names, .. rest[..(rest.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>Holds what the feed tells.</summary>
    private sealed class Mirror : IFeedHandler
    {
        private readonly SortedDictionary<string, string> _states = new(StringComparer.Ordinal);
        private readonly Channel<string> _seen = Channel.CreateUnbounded<string>();

        public long Position { get; private set; }

        public IEnumerable<string> States => _states.Select(pair => $"{pair.Key}={pair.Value}");

        public ValueTask ResetAsync(CancellationToken cancellationToken)
        {
            Position = 0;
            _states.Clear();
            return ValueTask.CompletedTask;
        }

        public ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
        {
            if (change.State is null)
            {
                _states.Remove(change.Key);
            }
            else
            {
                _states[change.Key] = change.State.Unpack<StringValue>().Value;
            }

            Position = change.Sequence;
            return _seen.Writer.WriteAsync(Store.Text(change), cancellationToken);
        }

        public async Task UntilAsync(string state)
        {
            while (await _seen.Reader.ReadAsync(Cancel).AsTask().InTimeAsync($"the follower's {state}") != state)
            {
            }
        }
    }
}
