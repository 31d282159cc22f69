namespace ModelGarden.Kernel.Tests;

public sealed class ConvertedPathsTests
{
    [Theory]
    [InlineData("pytorch_model.bin", "model.safetensors")]
    [InlineData("unet/pytorch_model.bin", "unet/model.safetensors")]
    [InlineData("pytorch_model-00001-of-00002.bin", "model-00001-of-00002.safetensors")]
    [InlineData("x.pt", "x.safetensors")]
    [InlineData("a.b/x.y.pth", "a.b/x.y.safetensors")]
    [InlineData("v1-5.ckpt", "v1-5.safetensors")]
    public void Of_ACheckpoint_IsItsPathAndBack(string source, string target)
    {
        Assert.Equal(target, ConvertedPaths.Of(source));
        Assert.Contains(source, ConvertedPaths.SourcesOf(target));
        Assert.All(ConvertedPaths.SourcesOf(target), other => Assert.Equal(target, ConvertedPaths.Of(other)));
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("folder.bin/readme.md")]
    [InlineData(".bin")]
    [InlineData("folder/.pt")]
    [InlineData("")]
    public void Of_WhatIsNoCheckpoint_IsNothing(string path) => Assert.Null(ConvertedPaths.Of(path));

    [Fact]
    public void SourcesOf_ModelSafetensors_BeginsWithTheUsualOne() => Assert.Equal("pytorch_model.bin", ConvertedPaths.SourcesOf("model.safetensors")[0]);

    [Theory]
    [InlineData("pytorch_model.safetensors")]
    [InlineData("config.json")]
    [InlineData(".safetensors")]
    public void SourcesOf_WhatNothingBecomes_IsNothing(string path) => Assert.Empty(ConvertedPaths.SourcesOf(path));
}
