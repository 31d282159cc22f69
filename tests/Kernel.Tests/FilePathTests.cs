namespace ModelGarden.Kernel.Tests;

public sealed class FilePathTests
{
    [Theory]
    [InlineData("config.json")]
    [InlineData("a/b c/é.txt")]
    [InlineData("…/模型.gguf")]
    [InlineData("a/..b/.gitattributes")]
    public void Create_OrdinaryPath_IsKept(string path) => Assert.Equal(path, FilePath.Create(path).Value.Value);

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("a/./b")]
    [InlineData(".GIT/config")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    public void Create_UnsafePath_IsRefused(string path) => Assert.Equal("BAD_PATH", FilePath.Create(path).Error?.Reason);
}
