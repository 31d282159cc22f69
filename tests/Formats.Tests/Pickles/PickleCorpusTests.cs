namespace ModelGarden.Formats.Tests.Pickles;

/// <summary>What Python itself follows to an import of <c>os.system</c> is malicious, whatever the file is called.</summary>
public sealed class PickleCorpusTests
{
    private const int Count = 4000;

    private static readonly string[] Names = ["a.pkl", "pytorch_model.bin", "README.md", "config.json", "weights"];

    [Theory]
    [InlineData("modelgarden")]
    [InlineData("another")]
    public async Task Examine_WhatPythonFollowsToAnImport_IsMalicious(string seed)
    {
        var path = Path.GetTempFileName();
        try
        {
            await PythonScript.RunAsync("pickle_corpus.py", path, seed, $"{Count}");
            var pickles = Read(path).ToList();
            Assert.Equal(Count, pickles.Count);
            var missed = pickles.SelectMany(bytes => Names.Select(name => (Bytes: bytes, Name: name, Examination: Checks.Examine(name, bytes)))).Where(all => all.Examination.Verdict != Verdict.Malicious).ToList();
            Assert.True(missed.Count == 0, $"{missed.Count} missed, such as:\n{string.Join("\n", missed.Take(10).Select(all => $"{all.Name} {Convert.ToHexString(all.Bytes)}: {string.Join("; ", all.Examination.Findings)}"))}");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static IEnumerable<byte[]> Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            yield return reader.ReadBytes(reader.ReadInt32());
        }
    }
}
