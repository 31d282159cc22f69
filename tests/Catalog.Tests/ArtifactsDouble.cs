using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Catalog.Tests;

/// <summary>The Artifacts service as far as Catalog uses it, with files that a test says are there.</summary>
internal sealed class ArtifactsDouble
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StoredFile> _files = [];
    private readonly HashSet<(string Tenant, string Sha256)> _held = [];
    private readonly List<Change> _changes = [];
    private readonly List<Channel<Change>> _watchers = [];

    public ServiceDefinition Definition => new(ServiceNames.Artifacts, Add, Map);

    /// <summary>What Catalog asked for, one a call.</summary>
    public List<IReadOnlyList<string>> Questions { get; } = [];

    /// <summary>What files list, by their SHA-256.</summary>
    public Dictionary<string, IReadOnlyList<Tensor>> Tensors { get; } = [];

    /// <summary>A tenant uploads a file; the content stands for bytes of any size.</summary>
    public StoredFile Upload(string tenant, string content, long size, Verdict verdict = Verdict.Clean, FileFacts? facts = null, string? recognized = null)
    {
        var file = new StoredFile { Sha256 = Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(content)).Hex, Size = size, Verdict = verdict, Facts = facts, Recognized = recognized ?? facts?.Format ?? "" };
        lock (_gate)
        {
            _held.Add((tenant, file.Sha256));
        }

        Tell(file);
        return file;
    }

    /// <summary>The file as it is from now on, told to all who follow.</summary>
    public void Tell(StoredFile file)
    {
        lock (_gate)
        {
            _files[file.Sha256] = file;
            var change = new Change { Sequence = _changes.Count + 1, Key = $"file/{file.Sha256}", State = Any.Pack(file), At = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow) };
            _changes.Add(change);
            _watchers.ForEach(watcher => watcher.Writer.TryWrite(change));
        }
    }

    /// <summary>The feed ends for all who follow; they come again.</summary>
    public void Hang()
    {
        lock (_gate)
        {
            _watchers.ForEach(watcher => watcher.Writer.TryComplete());
            _watchers.Clear();
        }
    }

    private void Add(WebApplicationBuilder builder) => builder.Services.AddSingleton(new Files(this)).AddSingleton<Feed>().AddSingleton(this);

    private static void Map(WebApplication app)
    {
        app.MapGarden<Files>(Artifacts.Descriptor);
        app.MapGarden<Feed>(ChangeFeed.Descriptor);
    }

    private sealed class Files(ArtifactsDouble files) : Artifacts.ArtifactsBase
    {
        public override Task<GetFilesResponse> GetFiles(GetFilesRequest request, ServerCallContext context)
        {
            var caller = context.GetCaller();
            lock (files._gate)
            {
                files.Questions.Add([.. request.Sha256]);
                var tenant = caller.IsService ? request.Tenant : caller.Principal.Tenant;
                var known = request.Sha256.Where(sha256 => tenant.Length is 0 || files._held.Contains((tenant, sha256)));
                return Task.FromResult(new GetFilesResponse { Files = { known.Select(sha256 => files._files[sha256]) } });
            }
        }

        public override Task<ReadTensorsResponse> ReadTensors(ReadTensorsRequest request, ServerCallContext context) => Task.FromResult(new ReadTensorsResponse
        {
            Tensors = { files.Tensors[request.Sha256].Skip(request.Skip).Take(request.Count) },
            Total = files.Tensors[request.Sha256].Count,
        });
    }

    private sealed class Feed(ArtifactsDouble files, IHostApplicationLifetime lifetime) : ChangeFeed.ChangeFeedBase
    {
        public override async Task Watch(WatchRequest request, IServerStreamWriter<FeedEvent> responseStream, ServerCallContext context)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
            var channel = Channel.CreateUnbounded<Change>();
            List<Change> past;
            lock (files._gate)
            {
                past = [.. files._changes.Where(change => change.Sequence > request.From)];
                files._watchers.Add(channel);
            }

            try
            {
                if (request.From is 0)
                {
                    await responseStream.WriteAsync(new() { SnapshotBegin = new() }, stop.Token);
                }

                foreach (var change in past)
                {
                    await responseStream.WriteAsync(new() { Change = change }, stop.Token);
                }

                await responseStream.WriteAsync(new() { CaughtUp = new() { Sequence = past.LastOrDefault()?.Sequence ?? request.From } }, stop.Token);
                await foreach (var change in channel.Reader.ReadAllAsync(stop.Token))
                {
                    await responseStream.WriteAsync(new() { Change = change }, stop.Token);
                }
            }
            catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // Ends in good order with the test.
            }
        }
    }
}
