using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Tests.Crashes;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Artifacts.Tests.Objects;

/// <summary>That the store that dies does so at every operation, and what the folder is like after that.</summary>
public sealed class DyingStoreTests : IDisposable
{
    private static readonly ObjectKey First = ObjectKey.FromStored("objects/first");
    private static readonly ObjectKey Second = ObjectKey.FromStored("objects/second");
    private readonly string _root = Directory.CreateTempSubdirectory("dying-").FullName;

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Run_DyingAtEachOperation_LosesNothingAcknowledgedAndKeepsNothingHalf()
    {
        var operations = (await LiveAsync("alive", int.MaxValue, Death.Before)).Operations;
        Assert.Equal(9, operations);
        for (var operation = 1; operation <= operations; operation++)
        {
            foreach (var death in Enum.GetValues<Death>())
            {
                await AfterDeathAsync(operation, death);
            }
        }
    }

    [Fact]
    public async Task Call_AfterDeath_Throws()
    {
        using var folder = new FolderObjectStore(_root);
        var store = new DyingStore(folder);
        store.DieAt(1, Death.Before);

        await Assert.ThrowsAsync<ProcessDiedException>(async () => await store.DeleteAsync(First, Cancel));

        Assert.True(store.Died.IsCompletedSuccessfully);
        await Assert.ThrowsAsync<ProcessDiedException>(async () => await store.OpenAsync(First, Cancel));
        await Assert.ThrowsAsync<ProcessDiedException>(async () => await store.CreateAsync(First, Cancel));
        Assert.Throws<ProcessDiedException>(() => store.ListAsync("objects", Cancel));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private async Task AfterDeathAsync(int operation, Death death)
    {
        var name = $"{operation}-{death}";
        var life = await LiveAsync(name, operation, death);
        using var store = new FolderObjectStore(Copy(Path.Combine(_root, name), Path.Combine(_root, $"{name}-after")));

        await store.SweepAsync(DateTimeOffset.UtcNow.AddHours(-1), Cancel);

        Assert.Contains(await ReadAsync(store, First), life.FirstMayBe);
        Assert.Contains(await ReadAsync(store, Second), life.SecondMayBe);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_root, $"{name}-after", "temp"), "*", SearchOption.AllDirectories));
    }

    /// <summary>A life of nine operations: two objects are written, and one of them is deleted.</summary>
    private async Task<Life> LiveAsync(string name, int operation, Death death)
    {
        // Never disposed by the dead.
        var store = new DyingStore(new FolderObjectStore(Path.Combine(_root, name)));
        store.DieAt(operation, death);
        var life = new Life();
        try
        {
            life.FirstMayBe = [null, "whole"];
            await WriteAsync(store, First);
            life.FirstMayBe = ["whole"];
            life.SecondMayBe = [null, "whole"];
            await WriteAsync(store, Second);
            life.SecondMayBe = ["whole"];
            life.FirstMayBe = [null, "whole"];
            await store.DeleteAsync(First, Cancel);
            life.FirstMayBe = [null];
        }
        catch (ProcessDiedException)
        {
            Assert.True(store.IsDead);
        }

        life.Operations = store.Operations;
        return life;
    }

    private static async Task WriteAsync(DyingStore store, ObjectKey key)
    {
        await using var writer = await store.CreateAsync(key, Cancel);
        await writer.WriteAsync("wh"u8.ToArray(), Cancel);
        await writer.WriteAsync("ole"u8.ToArray(), Cancel);
        await writer.CommitAsync(Cancel);
    }

    private static async Task<string?> ReadAsync(FolderObjectStore store, ObjectKey key)
    {
        var buffer = new byte[100];
        return await store.ReadAsync(key, buffer, 0, Cancel) is { } read ? System.Text.Encoding.ASCII.GetString(buffer, 0, read) : null;
    }

    private static string Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);

            // Not File.Copy: it heeds the lock of the living.
            using var target = File.Create(copy);
            if (Path.GetFileName(file) != ".lock")
            {
                using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                source.CopyTo(target);
            }
        }

        return to;
    }

    private sealed class Life
    {
        public int Operations { get; set; }

        public IReadOnlyList<string?> FirstMayBe { get; set; } = [null];

        public IReadOnlyList<string?> SecondMayBe { get; set; } = [null];
    }
}
