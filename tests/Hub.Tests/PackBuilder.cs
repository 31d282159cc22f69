using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Git;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Tests;

/// <summary>Makes packs, right ones and wrong ones, and reads them as the Hub does.</summary>
internal static class PackBuilder
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static byte[] Zlib(byte[] content, CompressionLevel level = CompressionLevel.Optimal)
    {
        var output = new MemoryStream();
        using (var packed = new ZLibStream(output, level, leaveOpen: true))
        {
            packed.Write(content);
        }

        // .NET makes nothing at all of nothing.
        return content.Length > 0 ? output.ToArray() : [0x78, 0x9c, 0x03, 0, 0, 0, 0, 1];
    }

    /// <summary>An entry: its type and size, what stands between (a delta's base), its content.</summary>
    public static byte[] Entry(int type, byte[] content, byte[]? between = null, long? size = null)
    {
        var header = new List<byte>();
        var left = size ?? content.Length;
        var one = (type << 4) | (int)(left & 15);
        for (left >>= 4; left > 0; left >>= 7)
        {
            header.Add((byte)(one | 0x80));
            one = (int)(left & 0x7f);
        }

        header.Add((byte)one);
        return [.. header, .. between ?? [], .. Zlib(content)];
    }

    public static byte[] Pack(params byte[][] entries) => Pack(entries.Length, [.. entries.SelectMany(entry => entry)]);

    public static byte[] Pack(int count, byte[] body)
    {
        var header = new byte[12];
        "PACK"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), 2);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), count);
        return Signed([.. header, .. body]);
    }

    /// <summary>With the sum that belongs to it.</summary>
    public static byte[] Signed(byte[] pack)
    {
#pragma warning disable CA5350 // SHA-1 is what a pack ends in
        return [.. pack, .. SHA1.HashData(pack)];
#pragma warning restore CA5350
    }

    public static async Task<List<GitObject>> ReadAsync(byte[] pack, params GitObject[] known)
    {
        using var file = await PackFile.ReceiveAsync(new MemoryStream(pack), new(), Cancel);
        var objects = new List<GitObject>();
        await foreach (var one in new PackResolver(file, ids => Find(ids, known)).ResolveAsync(Cancel))
        {
            objects.Add(one);
        }

        Assert.Equal(file.Content, objects.Sum(one => one.Content.Length));
        return objects;
    }

    public static async Task<Error> RefusalAsync(byte[] pack) => (await Assert.ThrowsAsync<ErrorException>(() => ReadAsync(pack))).Error;

    public static string IdOf(GitObject one) => ObjectId.Of(one.Type.ToString().ToLowerInvariant(), one.Content.Span).Hex;

    /// <summary>Runs git in a folder.</summary>
    public static async Task<byte[]> GitAsync(string folder, byte[] input, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = new MemoryStream();
        var (copied, errors) = (process.StandardOutput.BaseStream.CopyToAsync(output, Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.StandardInput.BaseStream.WriteAsync(input, Cancel);
        process.StandardInput.Close();
        await process.WaitForExitAsync(Cancel);
        await copied;
        return process.ExitCode is 0 ? output.ToArray() : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {await errors}");
    }

    private static async IAsyncEnumerable<GitObject> Find(IReadOnlyList<string> ids, GitObject[] known)
    {
        await Task.CompletedTask;
        foreach (var one in known.Where(one => ids.Contains(IdOf(one))))
        {
            yield return one;
        }
    }
}
