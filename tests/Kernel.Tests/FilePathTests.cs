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
    [InlineData("a/")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/.git/config")]
    [InlineData("a\nb")]
    [InlineData("a\u0085b")]
    [InlineData("C:\\x")]
    public void Create_UnsafePath_IsRefused(string path) => Assert.Equal("BAD_PATH", FilePath.Create(path).Error?.Reason);

    [Fact]
    public void Create_BrokenUnicode_IsRefused() => Assert.Equal("BAD_PATH", FilePath.Create("a" + '\uD800' + "b").Error?.Reason);

    [Fact]
    public void Create_LongPath_IsHeldToItsBytes()
    {
        Assert.Null(FilePath.Create(new('x', 255)).Error);
        Assert.NotNull(FilePath.Create(new('x', 256)).Error);
        Assert.NotNull(FilePath.Create(new('é', 128)).Error);
        Assert.Null(FilePath.Create(string.Join('/', Enumerable.Repeat(new string('x', 204), 5))).Error);
        Assert.NotNull(FilePath.Create(string.Join('/', Enumerable.Repeat(new string('x', 205), 5))).Error);
    }

    [Theory]
    [InlineData("a/b/c.txt", "c.txt")]
    [InlineData("c.txt", "c.txt")]
    public void FileName_IsTheLastSegment(string path, string name) => Assert.Equal(name, FilePath.Create(path).Value.FileName);
}
