using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Commands;

/// <summary>What people like, and what is missing before it can be published.</summary>
public sealed class LikeTests : IAsyncLifetime
{
    private GardenDouble _garden = null!;
    private Machine _machine = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Like_AndUnlike_SayWhichIsMeant()
    {
        var asked = new List<SetLikeRequest>();
        _garden.On<SetLikeRequest>("SetLike", request =>
        {
            asked.Add(request);
            return new Repository { Name = request.Name, Likes = request.Liked ? 1 : 0 };
        });

        Assert.Matches("(?m)^likes +1$", (await _machine.RunAsync("models", "like", "acme/tiny")).Ok().Out);
        Assert.Equal("0", (string?)(await _machine.RunAsync("models", "unlike", "acme/tiny", "--json")).Ok().Json["likes"]);

        Assert.Equal([new SetLikeRequest { Name = "acme/tiny", Liked = true }, new SetLikeRequest { Name = "acme/tiny" }], asked);
    }

    [Fact]
    public async Task Likers_AndLikes_AreListed()
    {
        _garden.On<WhoAmIRequest>("WhoAmI", _ => new Principal { Name = "ann" });
        _garden.On<ListLikersRequest>("ListLikers", _ => new ListLikersResponse { Likes = { new Like { Account = "cyd" } }, NextPageToken = "" });
        _garden.On<ListLikesRequest>("ListLikes", request => new ListLikesResponse { Likes = { new Like { Account = request.Account, Repository = new() { Name = $"acme/of-{request.Account}", Kind = Contracts.V1.RepositoryKind.Dataset } } } });

        Assert.Contains("cyd", (await _machine.RunAsync("models", "likers", "acme/tiny")).Ok().Out, StringComparison.Ordinal);
        Assert.Matches("(?m)^acme/of-ann +dataset", (await _machine.RunAsync("models", "likes")).Ok().Out);
        Assert.Matches("(?m)^acme/of-gus +dataset", (await _machine.RunAsync("models", "likes", "gus")).Ok().Out);
    }

    [Theory]
    [InlineData("models", "like", "tiny")]
    [InlineData("models", "likes", "../x")]
    [InlineData("models", "checks", "acme/tiny@")]
    public async Task Likes_WrongUsage_AsksNothing(params string[] arguments)
    {
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync(arguments)).Code);
        Assert.Empty(_garden.Requests);
    }

    [Fact]
    public async Task Checks_OfARevision_SayWhatIsMissing()
    {
        ListChecksRequest? asked = null;
        _garden.On<ListChecksRequest>("ListChecks", request =>
        {
            asked = request;
            return new ListChecksResponse
            {
                Commit = new('a', 40), RequiredApprovals = 1,
                Checks =
                {
                    new PublicationCheck { Name = "card-valid", Description = "a card without errors", Passed = true },
                    new PublicationCheck { Name = "license-known", Description = "a known licence", Problems = { "no known licence" } },
                },
            };
        });

        var ran = (await _machine.RunAsync("models", "checks", "acme/tiny@v1")).Ok();

        Assert.Equal(new ListChecksRequest { Name = "acme/tiny", Revision = "v1" }, asked);
        Assert.Matches("(?m)^card-valid +a card without errors +yes *$", ran.Out);
        Assert.Matches("(?m)^license-known +a known licence +no +no known licence$", ran.Out);
        Assert.Contains("aaaaaaaaaaaa cannot be submitted yet", ran.Err, StringComparison.Ordinal);
    }
}
