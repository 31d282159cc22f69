namespace ModelGarden.Xet.Tests;

/// <summary>The tests of BLAKE3 once more in a process whose processor has fewer instructions.</summary>
public sealed class LesserProcessorTests
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public async Task Blake3_WithoutAnInstructionSet_GivesTheSameHashes(string without)
    {
        var assembly = typeof(LesserProcessorTests).Assembly.Location;
        string[] arguments = [assembly, "--no-progress", "--filter-class", "*.Blake3VectorTests", "*.Blake3WidthTests"];

        var output = await Programs.RunAsync("dotnet", arguments, Path.GetDirectoryName(assembly)!, new Dictionary<string, string> { [without] = "0" });

        Assert.Contains("failed: 0", output, StringComparison.Ordinal);
        Assert.DoesNotContain("succeeded: 0", output, StringComparison.Ordinal);
    }
}
