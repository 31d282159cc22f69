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
        var said = await PythonScript.RunAsync("torch_corpus.py", arguments);
        output.WriteLine(said);
        return said;
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("torch-corpus").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
