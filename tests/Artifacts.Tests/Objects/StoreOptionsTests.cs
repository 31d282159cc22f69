using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Tests.Objects;

public sealed class StoreOptionsTests
{
    private const string Secret = "c2VjcmV0LXRoYXQtbm9ib2R5LXNlZXM=";

    [Fact]
    public void Faults_OfTheDefaults_None() => Assert.Empty(new StoreOptions().Faults());

    [Fact]
    public void Faults_OfAnUnknownKind_SaysTheKinds() => Assert.Equal(["Garden:Artifacts:Store:Kind is 'tape': folder, s3 or azure is expected"], new StoreOptions { Kind = "tape" }.Faults());

    [Fact]
    public void Faults_OfBadNumbers_SaysEach() => Assert.Equal(3, new StoreOptions { RequestTimeout = TimeSpan.Zero, Retries = 11, ReadAhead = -1 }.Faults().Count());

    [Fact]
    public void Faults_OfS3WithNothing_SaysWhatToSet()
    {
        var faults = new StoreOptions { Kind = "s3" }.Faults().ToList();

        Assert.Equal(2, faults.Count);
        Assert.StartsWith("Garden:Artifacts:Store:S3:Bucket is missing", faults[0], StringComparison.Ordinal);
        Assert.StartsWith("Garden:Artifacts:Store:S3:Region is missing", faults[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://s3.example.com", "", "", "", null)]
    [InlineData("s3.example.com", "", "", "", "Endpoint")]
    [InlineData("https://user:c2VjcmV0LXRoYXQtbm9ib2R5LXNlZXM=@s3.example.com", "", "", "", "Endpoint")]
    [InlineData("https://s3.example.com", "key", "", "", "AccessKey")]
    [InlineData("https://s3.example.com", "", Secret, "", "AccessKey")]
    [InlineData("https://s3.example.com", "", "", "/gardens", "Prefix")]
    [InlineData("https://s3.example.com", "", "", "../gardens", "Prefix")]
    public void Faults_OfS3_NamesTheSettingAndNoSecret(string endpoint, string key, string secret, string prefix, string? wrong)
    {
        var options = new StoreOptions { Kind = "s3", S3 = { Bucket = "bucket", Endpoint = endpoint, AccessKey = key, SecretKey = secret, Prefix = prefix } };

        var faults = options.Faults().ToList();

        Assert.Equal(wrong is null ? 0 : 1, faults.Count);
        Assert.All(faults, fault => Assert.StartsWith($"Garden:Artifacts:Store:S3:{wrong}", fault, StringComparison.Ordinal));
        Assert.All(faults, fault => Assert.DoesNotContain(Secret, fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "container", "ConnectionString is missing")]
    [InlineData($"AccountKey={Secret}", "container", "ConnectionString is not the connection string")]
    [InlineData("nonsense", "container", "ConnectionString is not the connection string")]
    [InlineData($"DefaultEndpointsProtocol=https;AccountName=garden;AccountKey={Secret}", "No_Container", "Container is 'No_Container'")]
    public void Faults_OfAzure_NamesTheSettingAndNoSecret(string connection, string container, string expected)
    {
        var options = new StoreOptions { Kind = "azure", Azure = { ConnectionString = connection, Container = container } };

        var fault = Assert.Single(options.Faults());

        Assert.StartsWith($"Garden:Artifacts:Store:Azure:{expected}", fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, fault, StringComparison.Ordinal);
    }
}
