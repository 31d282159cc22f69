using System.Diagnostics;
using System.IO.Compression;
using ModelGarden.Formats.Tests.Pickles;
using ModelGarden.Testing;

namespace ModelGarden.Artifacts.Tests.Conversion;

/// <summary>Checkpoints of torch: small ones made here, a real one, and those that torch itself makes and compares.</summary>
internal static class Checkpoints
{
    public static byte[] Digits => File.ReadAllBytes(Repo.PathOf("tests/Samples/digits.pth"));

    /// <summary>One tensor <c>w</c> of that type, over all of the storage.</summary>
    public static byte[] Of(byte[] storage, string type = "ByteStorage", int width = 1) => Zip(storage, PickleAssembler.Make(pickle => pickle
        .Proto(2).EmptyDict().Text("w").Tensor(type, "0", storage.Length / width, 0, storage.Length / width, 1).SetItem().Stop()));

    public static async Task<string> PythonAsync(params string[] arguments)
    {
        var interpreter = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        var script = Path.Combine(AppContext.BaseDirectory, "Conversion", "torch_corpus.py");
        using var process = Process.Start(new ProcessStartInfo(interpreter, [script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, failed) = (process.StandardOutput.ReadToEndAsync(ArtifactsGarden.Cancel), process.StandardError.ReadToEndAsync(ArtifactsGarden.Cancel));
        await process.WaitForExitAsync(ArtifactsGarden.Cancel);
        Assert.True(process.ExitCode == 0, $"{script} failed; it needs Python with torch (Debian: apt-get install python3-torch, as tests/run.sh does):\n{await failed}");
        return await said;
    }

    private static byte[] Zip(byte[] storage, byte[] pickle)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in new[] { ("m/data.pkl", pickle), ("m/data/0", storage), ("m/version", "3\n"u8.ToArray()) })
            {
                using var member = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                member.Write(content);
            }
        }

        return stream.ToArray();
    }
}
