using System.Text.Json.Nodes;

namespace ModelGarden.Clients;

/// <summary>npm's <c>@huggingface/hub</c>, unchanged, through the Xet protocol: what goes over the wire is watched.</summary>
public abstract class XetClientContract(ClientGarden garden)
{
    [Fact]
    public async Task Upload_OfAChangedFile_SendsOnlyWhatChanged_AndAllComesBack()
    {
        var result = await garden.RunAsync("xet", garden.Engineer, ("REPO", $"acme/xet-{Guid.NewGuid():n}"));

        Assert.True((bool)result["ok"]!, result.ToJsonString());
        foreach (var upload in new[] { "first", "second", "again", "plain" })
        {
            Assert.Empty(result[upload]!["failed"]!.AsArray());
        }

        Assert.InRange((int)result["first"]!["xorbs"]!, 5_000_000, 5_100_000);
        Assert.InRange((int)result["second"]!["xorbs"]!, 1, 400_000);
        Assert.Equal("0 0 0", Sent(result["again"]!));
        Assert.Equal("0 0 1", Sent(result["plain"]!));
        Assert.All(result["downloads"]!.AsObject(), download => Assert.True(
            (bool)download.Value!["same"]! && (bool)download.Value["samePart"]! && (bool)download.Value["throughXet"]!, $"{download.Key}: {download.Value}"));
        Assert.Matches("^[0-9a-f]{64}$", (string)result["information"]!["xet"]!["hash"]!);
        Assert.Equal(4, result["listed"]!.AsArray().Count(file => file!["xetHash"] is not null));
    }

    private static string Sent(JsonNode upload) => string.Join(' ', upload["xorbs"], upload["shards"], upload["puts"]);
}

[Collection<SqliteGarden>]
public sealed class SqliteXetClientTests(SqliteGarden garden) : XetClientContract(garden);

[Collection<PostgresGarden>]
public sealed class PostgresXetClientTests(PostgresGarden garden) : XetClientContract(garden);
