using ModelGarden.Catalog.Revisions;

namespace ModelGarden.Catalog.Tests;

/// <summary>The names of branches and tags, each asked of the real git too.</summary>
public sealed class RefNameTests
{
    [Theory]
    [InlineData("refs/heads/main", true)]
    [InlineData("refs/heads/feature/größe", true)]
    [InlineData("refs/tags/v1.0-rc_2+x", true)]
    [InlineData("refs/heads/a@b", true)]
    [InlineData("refs/heads/a..b", false)]
    [InlineData("refs/heads/.a", false)]
    [InlineData("refs/heads/a/.b", false)]
    [InlineData("refs/heads/a.", false)]
    [InlineData("refs/heads/a.lock", false)]
    [InlineData("refs/heads/a.lock/b", false)]
    [InlineData("refs/heads/a b", false)]
    [InlineData("refs/heads/a~1", false)]
    [InlineData("refs/heads/a^", false)]
    [InlineData("refs/heads/a:b", false)]
    [InlineData("refs/heads/a?", false)]
    [InlineData("refs/heads/a*", false)]
    [InlineData("refs/heads/a[", false)]
    [InlineData("refs/heads/a\\b", false)]
    [InlineData("refs/heads/a@{1}", false)]
    [InlineData("refs/heads//a", false)]
    [InlineData("refs/heads/a//b", false)]
    [InlineData("refs/heads/a/", false)]
    [InlineData("refs/heads/", false)]
    [InlineData("refs/heads/a\u0001", false)]
    public async Task Create_AName_JudgesAsGitDoes(string name, bool isFine)
    {
        using var git = await Git.InitAsync();

        Assert.Equal(isFine, RefName.Create(name).Error is null);
        Assert.Equal(isFine, await AllowsAsync(git, name));
    }

    [Theory]
    [InlineData("refs/pr/1")]
    [InlineData("refs/heads/HEAD")]
    [InlineData("refs/tags/0123456789012345678901234567890123456789")]
    [InlineData("main")]
    public void Create_WhatIsNotForThis_IsRefused(string name) => Assert.Equal("BAD_REF_NAME", RefName.Create(name).Error?.Reason);

    private static async Task<bool> AllowsAsync(Git git, string name)
    {
        try
        {
            await git.RunAsync(["check-ref-format", name]);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
