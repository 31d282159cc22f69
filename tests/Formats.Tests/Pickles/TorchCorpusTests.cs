using System.Diagnostics;
using ModelGarden.Formats.Conversion;

namespace ModelGarden.Formats.Tests.Pickles;

/// <summary>Checkpoints that torch itself wrote are clean, and torch itself says that what they are converted to is the same.</summary>
public sealed class TorchCorpusTests(ITestOutputHelper output)
{
    private const int Count = 200;

    [Theory]
    [InlineData("modelgarden")]
    public async Task Convert_CheckpointsOfTorch_AreCleanAndTheSameBitForBit(string seed)
    {
        using var folder = new TemporaryFolder();
        await Python("make", folder.Path, seed, $"{Count}");
        foreach (var path in Directory.GetFiles(folder.Path, "*.pt"))
        {
            ExamineAndConvert(path);
        }

        Assert.StartsWith($"{Count} checkpoints, ", await Python("compare", folder.Path), StringComparison.Ordinal);
    }

    private static void ExamineAndConvert(string path)
    {
        using var source = File.OpenRead(path);
        var examination = FileExaminer.Examine(path, source, source.Length, TestContext.Current.CancellationToken);
        Assert.True(examination.Findings.Count == 0 && examination.Facts is TorchFacts, $"{path}: {string.Join("; ", examination.Findings)}");

        var name = Path.ChangeExtension(path, ".safetensors");
        using (var target = File.Create(name))
        {
            var result = TorchConverter.Convert(source, target, TestContext.Current.CancellationToken);
            Assert.True(result.Error is null, $"{path}: {result.Error}");
            Assert.Equal(target.Length, result.Value.TargetLength);
        }

        using var converted = File.OpenRead(name);
        Checks.AssertClean(FileExaminer.Examine(name, converted, converted.Length, TestContext.Current.CancellationToken), FileFormat.Safetensors);
    }

    private async Task<string> Python(params string[] arguments)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Pickles", "torch_corpus.py");
        using var process = Process.Start(new ProcessStartInfo(Interpreter(), [script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, failed) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{script} failed; it needs Python with torch (Debian: apt-get install python3-torch, as tests/run.sh does):\n{await failed}");
        output.WriteLine(await said);
        return await said;
    }

    // Debian's Python has Debian's torch; one that comes first in the path may have none.
    private static string Interpreter() => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("torch-corpus").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
