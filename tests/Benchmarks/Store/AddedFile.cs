using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Benchmarks.Store;

/// <summary>
/// Adds one file of many xorbs, all of them made up, and says how long the longest transaction was, for which on SQLite all wait that write: while it was added, and in the
/// time after that in which its chunks are counted.
/// </summary>
internal static class AddedFile
{
    private const int ChunksOfAXorb = 1000;
    private const int ChunkLength = 64;

    public static async Task RunAsync(IServiceProvider services, int xorbs, TimeSpan after)
    {
        var terms = new List<Term>();
        for (var number = 0; number < xorbs; number++)
        {
            var xorb = await services.GetRequiredService<Xorbs>().AddAsync(MadeUp(), ObjectKey.OfXorb(), "acme", TimeSpan.Zero, default);
            terms.Add(new(xorb.Id, 0, ChunksOfAXorb, ChunksOfAXorb * ChunkLength));
        }

        var (digest, layout) = (Sha256Digest.Of(RandomNumberGenerator.GetBytes(8)), new FileLayout(Hash(), terms));
        await ExamineAsync(services, digest, layout.Size);
        using var probe = new Probe();
        var watch = Stopwatch.StartNew();
        await services.GetRequiredService<StoredFiles>().AddAsync(new("acme", digest, layout.Size, layout), null, default);
        var (took, adding) = (watch.Elapsed, probe.Longest());

        // What goes on in the background meanwhile is what is measured.
        await Task.Delay(after);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{xorbs} xorbs of {ChunksOfAXorb} chunks: added in {took.TotalMilliseconds:F0} ms, longest transaction {adding.TotalMilliseconds:F0} ms; then {probe.Longest().TotalMilliseconds:F0} ms in {after.TotalSeconds:F0} s"));
        await ShowAsync(services);
    }

    private static XorbIndex MadeUp()
    {
        var builder = new XorbBuilder(new ArrayBufferWriter<byte>(), new(EncodingLevel.None));
        for (var number = 0; number < ChunksOfAXorb; number++)
        {
            builder.TryAppend(new(Hash(), ChunkLength), RandomNumberGenerator.GetBytes(ChunkLength));
        }

        return builder.Complete();
    }

    private static XetHash Hash() => XetHash.FromBytes(RandomNumberGenerator.GetBytes(XetHash.Size));

    /// <summary>Nothing is to be read of what is made up.</summary>
    private static async Task ExamineAsync(IServiceProvider services, Sha256Digest digest, long size)
    {
        var report = new StoredFile { Sha256 = digest.Hex, Size = size, Verdict = Contracts.V1.Verdict.Suspicious, Examiner = services.GetRequiredService<Examiner>().Current };
        await using var context = await services.GetRequiredService<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync();
        await context.Database.ExecuteSqlAsync(
            $"INSERT INTO files (sha256, size, hint, verdict, examiner, report, stored_at) VALUES ({digest.Hex}, {size}, '', {(int)report.Verdict}, {report.Examiner}, {report.ToByteArray()}, 0)");
    }

    private static async Task ShowAsync(IServiceProvider services)
    {
        await using var context = await services.GetRequiredService<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync();
        foreach (var usage in await context.Usages.ToListAsync())
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{usage.Tenant} has {usage.Files} file of {usage.LogicalBytes} bytes, {usage.StoredBytes} counted"));
        }
    }

    /// <summary>Sees all transactions, and how long each lasts.</summary>
    private sealed class Probe : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly ConcurrentDictionary<Guid, long> _begun = new();
        private readonly List<IDisposable> _subscriptions = [];
        private long _longest;

        public Probe() => _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

        /// <summary>Since the last time that this was asked.</summary>
        public TimeSpan Longest() => TimeSpan.FromTicks(Interlocked.Exchange(ref _longest, 0));

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == DbLoggerCategory.Name)
            {
                _subscriptions.Add(value.Subscribe(this));
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Key == RelationalEventId.TransactionStarted.Name && value.Value is TransactionEventData started)
            {
                _begun[started.TransactionId] = Stopwatch.GetTimestamp();
            }
            else if (value.Value is TransactionEndEventData ended && _begun.TryRemove(ended.TransactionId, out var begun))
            {
                Interlocked.Exchange(ref _longest, Math.Max(_longest, Stopwatch.GetElapsedTime(begun).Ticks));
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose() => _subscriptions.ForEach(subscription => subscription.Dispose());
    }
}
