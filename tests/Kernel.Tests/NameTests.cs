namespace ModelGarden.Kernel.Tests;

public sealed class NameTests
{
    [Theory]
    [InlineData("ab")]
    [InlineData("Acme-Corp_2.x")]
    [InlineData("a-b-c")]
    [InlineData("00")]
    [InlineData("a.git")]
    public void Tenant_OrdinaryName_IsKept(string name) => Assert.Equal(name, TenantName.Create(name).Value.Value);

    [Theory]
    [InlineData("a")]
    [InlineData("-ab")]
    [InlineData("ab-")]
    [InlineData(".ab")]
    [InlineData("ab_")]
    [InlineData("a--b")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("äb")]
    [InlineData("а-cyrillic")]
    [InlineData("ab\n")]
    public void Tenant_OtherText_IsRefused(string name) => Assert.Equal("BAD_TENANT_NAME", TenantName.Create(name).Error?.Reason);

    [Fact]
    public void Tenant_Length_IsFrom2To64()
    {
        Assert.Null(TenantName.Create(new('a', 64)).Error);
        Assert.NotNull(TenantName.Create(new('a', 65)).Error);
    }

    [Fact]
    public void Tenant_IsComparedWithoutCase()
    {
        var (one, other) = (TenantName.Create("Acme").Value, TenantName.Create("aCME").Value);

        Assert.Equal(one, other);
        Assert.True(one == other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.Equal("aCME", other.ToString());
        Assert.NotEqual(one, TenantName.Create("acme2").Value);
    }

    [Fact]
    public void Repository_HasOwnerAndName()
    {
        var name = RepositoryName.Create("Acme/Model-1.5_b").Value;

        Assert.Equal(("Acme", "Model-1.5_b", "Acme/Model-1.5_b"), (name.Owner.Value, name.Name, name.Value));
    }

    [Theory]
    [InlineData("acme")]
    [InlineData("acme/")]
    [InlineData("/model")]
    [InlineData("a/model")]
    [InlineData("acme/x/y")]
    [InlineData("acme//x")]
    [InlineData("acme/model.git")]
    [InlineData("acme/model.GIT")]
    [InlineData("acme/.git")]
    [InlineData("acme/-x")]
    [InlineData("acme/x--y")]
    [InlineData("acme/x\n")]
    [InlineData("acme\\x")]
    public void Repository_OtherText_IsRefused(string name) => Assert.Equal("BAD_REPOSITORY_NAME", RepositoryName.Create(name).Error?.Reason);

    [Fact]
    public void Repository_Length_IsFrom1To96()
    {
        Assert.Null(RepositoryName.Create("acme/x").Error);
        Assert.Null(RepositoryName.Create($"acme/{new string('x', 96)}").Error);
        Assert.NotNull(RepositoryName.Create($"acme/{new string('x', 97)}").Error);
    }

    [Fact]
    public void Repository_IsComparedWithoutCase()
    {
        var (one, other) = (RepositoryName.Create("Acme/Model").Value, RepositoryName.Create("acme/mODEL").Value);

        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(one, RepositoryName.Create("acme/other").Value);
    }
}
