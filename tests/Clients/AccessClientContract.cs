using ModelGarden.Testing;

namespace ModelGarden.Clients;

/// <summary>A gated model from its owner's setting to a download and back, with the real client and all services.</summary>
public abstract class AccessClientContract(ClientGarden garden)
{
    private const string Repository = "books/gated";

    [Fact]
    public async Task GatedModel_AskedForAcceptedAndTakenBack_OpensAndShuts()
    {
        await garden.PublishAsync(Repository, Repo.PathOf("deploy/samples/kjv-llama"));
        await garden.AcceptAsync("apache-2.0");

        var told = await garden.RunAsync(
            "access", garden.Engineer, ("OWNER", garden.Publisher), ("REPO", Repository), ("FILE", "config.json"), ("USER", "ann"));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        var bytes = (int)told["open"]!["bytes"]!;
        Assert.Equal("200 manual manual", string.Join(' ', told["set"]!["status"], told["set"]!["body"]!["gated"], told["gated"]));
        Assert.Contains("ACCESS_NOT_REQUESTED", (string?)told["unasked"]!["message"], StringComparison.Ordinal);
        Assert.Contains($"/{Repository}/ask-access", (string?)told["unasked"]!["message"], StringComparison.Ordinal);
        Assert.Equal("200 pending", string.Join(' ', told["asked"]!["status"], told["asked"]!["body"]!["status"]));
        Assert.Equal("""["ann pending"]""", told["pending"]![0]!.ToJsonString());
        Assert.Contains("ACCESS_PENDING", (string?)told["pending"]![1]!["message"], StringComparison.Ordinal);
        Assert.Equal("200 ann accepted", string.Join(' ', told["accepted"]![0]!["status"], told["accepted"]![0]!["body"]!["user"]!["user"], told["accepted"]![0]!["body"]!["status"]));
        Assert.Equal("""["ann accepted"]""", told["accepted"]![1]!.ToJsonString());
        Assert.Equal((bytes, bytes), ((int)told["opened"]!["bytes"]!, (int)told["again"]!["bytes"]!));
        Assert.Contains("ACCESS_REJECTED", (string?)told["shut"]!["message"], StringComparison.Ordinal);
        Assert.Contains("not you", (string?)told["shut"]!["message"], StringComparison.Ordinal);
        Assert.Equal("403 200 404 403", string.Join(' ', told["askedAgain"]!["status"], told["granted"]!["status"], told["unknown"]!["status"], told["meddling"]!["status"]));
        Assert.Equal(bytes, (int)told["reopened"]!["bytes"]!);

        // Who may have it may make it his own, and it stays as shut as it was.
        var copied = await garden.RunAsync(
            "duplicate-shown", garden.Engineer, ("VERSION", "1.28.0"), ("REPO", Repository), ("COPY", "acme/copied"), ("FILE", "model.safetensors"), ("OTHER", garden.Publisher));
        Assert.Equal($"200 {garden.Address}/acme/copied manual true", string.Join(' ', copied["made"], copied["gated"], copied["same"]!.ToJsonString()));
    }
}

// Gardens of their own: others look at who has accepted which licence.
public sealed class SqliteAccessClientTests(SqliteGarden garden) : AccessClientContract(garden), IClassFixture<SqliteGarden>;

public sealed class PostgresAccessClientTests(PostgresGarden garden) : AccessClientContract(garden), IClassFixture<PostgresGarden>;
