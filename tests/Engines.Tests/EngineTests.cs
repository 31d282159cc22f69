namespace ModelGarden.Engines.Tests;

/// <summary>Runs the engines' own tests, written for Node's runner. They need <c>node</c> and <c>npm</c> on the PATH.</summary>
public sealed class EngineTests(EngineFolder engines) : IClassFixture<EngineFolder>
{
    public static TheoryData<string> TestFiles => new(EngineFolder.TestFiles());

    [Theory]
    [MemberData(nameof(TestFiles))]
    public async Task NodeTests_OfOneFile_Pass(string file)
    {
        var (exitCode, output) = await engines.RunAsync("test", "node", ["--test", "--test-reporter=spec", file], TestContext.Current.CancellationToken);

        Assert.True(exitCode is 0, output);
    }
}
