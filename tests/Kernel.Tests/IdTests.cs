namespace ModelGarden.Kernel.Tests;

/// <summary>What every id does alike: parse at the edges, refuse in words, be no id by default.</summary>
public sealed class IdTests
{
    private static readonly string Hex40 = new('a', 40);
    private static readonly string Hex64 = new('b', 64);

    [Fact]
    public void Ids_ParseAlike()
    {
        AssertParses<ObjectId>(Hex40, "BAD_OBJECT_ID");
        AssertParses<Sha256Digest>(Hex64, "BAD_DIGEST");
        AssertParses<TenantName>("Acme", "BAD_TENANT_NAME");
        AssertParses<RepositoryName>("Acme/model", "BAD_REPOSITORY_NAME");
        AssertParses<FilePath>("a/b", "BAD_PATH");
    }

    [Fact]
    public void Default_IsNoId()
    {
        Assert.Throws<InvalidOperationException>(() => default(ObjectId).Hex);
        Assert.Throws<InvalidOperationException>(() => default(Sha256Digest).Hex);
        Assert.Throws<InvalidOperationException>(() => default(TenantName).Value);
        Assert.Throws<InvalidOperationException>(() => default(RepositoryName).Value);
        Assert.Throws<InvalidOperationException>(() => default(RepositoryName).Name);
        Assert.Throws<InvalidOperationException>(() => default(FilePath).Value);
        Assert.Throws<InvalidOperationException>(() => default(FilePath).FileName);
    }

    [Fact]
    public void Default_CanBeComparedAndShown()
    {
        Assert.Equal("", default(TenantName).ToString() + default(RepositoryName) + default(ObjectId) + default(Sha256Digest) + default(FilePath));
        Assert.Equal(default(TenantName), default);
        Assert.NotEqual(default, TenantName.Create("acme").Value);
        Assert.Equal(default(RepositoryName).GetHashCode(), default(RepositoryName).GetHashCode());
    }

    private static void AssertParses<T>(string text, string reason)
        where T : struct, IParsableId<T>
    {
        Assert.Equal(text, T.Parse(text, null).ToString());
        Assert.True(T.TryParse(text, null, out var parsed));
        Assert.Equal(T.Create(text).Value, parsed);
        foreach (var bad in new[] { null, "", "\n", "a\0", new string('x', 5000) })
        {
            Assert.False(T.TryParse(bad, null, out var nothing));
            Assert.Equal(default, nothing);
            Assert.Equal((ErrorCode.InvalidArgument, reason), (T.Create(bad).Error!.Code, T.Create(bad).Error!.Reason));
            Assert.InRange(T.Create(bad).Error!.Message.Length, 1, 300);
            Assert.DoesNotContain(T.Create(bad).Error!.Message, char.IsControl);
        }

        Assert.Equal(reason, Assert.Throws<ErrorException>(() => T.Parse("", null)).Error.Reason);
    }
}
