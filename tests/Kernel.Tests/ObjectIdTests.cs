namespace ModelGarden.Kernel.Tests;

public sealed class ObjectIdTests
{
    private const string Commit = "tree 0976950c1fdbcb52435a433913017bf044b3a58f\nauthor A <a@x> 1700000000 +0000\ncommitter A <a@x> 1700000000 +0000\n\nmsg\n";

    // As git hash-object, write-tree and commit-tree give them.
    [Theory]
    [InlineData("blob", "", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")]
    [InlineData("blob", "hello\n", "ce013625030ba8dba906f756967f9e9ca394464a")]
    [InlineData("blob", "what is up, doc?", "bd9dbf5aae1a3862dd1526723246b20206e5fc37")]
    [InlineData("tree", "", "4b825dc642cb6eb9a060e54bf8d69288fbee4904")]
    [InlineData("commit", Commit, "8b67359fe5bd3459873313ab01cb673b0af1ce76")]
    public void Of_Content_IsGitsId(string type, string content, string id) => Assert.Equal(id, ObjectId.Of(type, System.Text.Encoding.UTF8.GetBytes(content)).Hex);

    [Fact]
    public void Of_Tree_IsGitsId() =>
        Assert.Equal("0976950c1fdbcb52435a433913017bf044b3a58f", ObjectId.Of("tree", Convert.FromHexString("313030363434206100ce013625030ba8dba906f756967f9e9ca394464a")).Hex);

    [Theory]
    [InlineData("E69DE29BB2D1D6434B8B29AE775AD8C2E48C5391")]
    [InlineData("e69de29bb2d1d6434b8b29ae775ad8c2e48c539")]
    [InlineData("e69de29bb2d1d6434b8b29ae775ad8c2e48c53911")]
    [InlineData("e69de29bb2d1d6434b8b29ae775ad8c2e48c539g")]
    [InlineData("e69de29bb2d1d6434b8b29ae775ad8c2e48c539\n")]
    [InlineData("main")]
    public void Create_OtherText_IsRefused(string text) => Assert.Equal("BAD_OBJECT_ID", ObjectId.Create(text).Error?.Reason);
}
