namespace ModelGarden.Clients;

/// <summary>What a receiver written in Node is told of a commit by npm's <c>@huggingface/hub</c>; the signature is verified by npm's <c>standardwebhooks</c>.</summary>
public abstract class WebhookClientContract(ClientGarden garden)
{
    [Fact]
    public async Task Commit_ByTheClient_ReachesAReceiverThatVerifiesIt()
    {
        var repository = $"acme/hooked-{Guid.NewGuid():n}";

        var told = await garden.RunAsync("webhooks", garden.Engineer, ("REPO", repository));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        var payload = told["payload"]!;
        Assert.Equal("update repo.content 3", string.Join(' ', payload["event"]!["action"], payload["event"]!["scope"], payload["webhook"]!["version"]));
        Assert.Equal($"{repository} {garden.Address}/{repository} {garden.Address}/api/models/{repository}", string.Join(' ', payload["repo"]!["name"], payload["repo"]!["url"]!["web"], payload["repo"]!["url"]!["api"]));
        Assert.Equal((string?)told["commit"], (string?)payload["updatedRefs"]![0]!["newSha"]);
        Assert.Equal((string?)told["commit"], (string?)payload["repo"]!["headSha"]);
        Assert.Equal("No matching signature found", (string?)told["forged"]);
        Assert.Equal("True True 200", string.Join(' ', (bool)told["plain"]!, (bool)told["same"]!, told["deleted"]));
        Assert.Equal("delivered 200 taken 1", string.Join(' ', told["log"]![0]!["status"], told["log"]![0]!["responseCode"], told["log"]![0]!["response"], told["log"]!.AsArray().Count));
    }
}

[Collection<SqliteGarden>]
public sealed class SqliteWebhookClientTests(SqliteGarden garden) : WebhookClientContract(garden);

[Collection<PostgresGarden>]
public sealed class PostgresWebhookClientTests(PostgresGarden garden) : WebhookClientContract(garden);
