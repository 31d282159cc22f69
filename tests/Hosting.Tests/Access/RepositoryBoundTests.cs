using Google.Protobuf.Reflection;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hosting.Tests.Access;

/// <summary>Tokens that are for one repository alone.</summary>
public sealed class RepositoryBoundTests
{
    private static readonly Caller Bound = new(Of("acme/llama"), "");

    [Fact]
    public void Hold_OfItsOwnRepository_LetsItPass()
    {
        new RepositoryBound(Bound, "name").Hold(new GetRepositoryRequest { Name = "ACME/Llama" });
        new RepositoryBound(Bound, "resource.repository").Hold(new DecideRequest { Resource = new() { Repository = "acme/llama" } });
        new RepositoryBound(Bound, "*").Hold(new WhoAmIRequest());
    }

    [Fact]
    public void Hold_OfAnythingElse_Refuses()
    {
        Refuses("name", new GetRepositoryRequest { Name = "acme/llama2" });
        Refuses("name", new GetRepositoryRequest());
        Refuses("name", new GetRepositoryRequest { Name = "*" });
        Refuses("resource.repository", new DecideRequest());
        Refuses("", new GetRepositoryRequest { Name = "acme/llama" });
        Refuses("no_such_field", new GetRepositoryRequest { Name = "acme/llama" });
    }

    [Fact]
    public void Hold_OfAnotherKindOfTheSameName_Refuses()
    {
        var ofTexts = new RepositoryBound(new(Of("datasets/acme/llama"), ""), "name");

        ofTexts.Hold(new GetRepositoryRequest { Name = "acme/llama", Kind = RepositoryKind.Dataset });
        Assert.Throws<ErrorException>(() => ofTexts.Hold(new GetRepositoryRequest { Name = "acme/llama", Kind = RepositoryKind.Model }));
        Refuses("name", new GetRepositoryRequest { Name = "acme/llama", Kind = RepositoryKind.Dataset });
        Refuses("name", new GetRepositoryRequest { Name = "datasets/acme/llama" });
    }

    [Theory]
    [InlineData("acme/llama", RepositoryKind.Model)]
    [InlineData("datasets/acme/llama", RepositoryKind.Dataset)]
    [InlineData("spaces/acme/llama", RepositoryKind.App)]
    public void Hold_OfARequestThatSaysNoKind_MeansThatOfTheToken(string bound, RepositoryKind kind)
    {
        var request = new DecideRequest { Resource = new() { Repository = "acme/llama" } };

        new RepositoryBound(new(Of(bound), ""), "resource.repository").Hold(request);

        Assert.Equal(kind, request.Resource.Kind);
    }

    /// <summary>Else a token for a model would do for a data set of its name.</summary>
    [Fact]
    public void Rules_ThatNameARepository_NameItsKindBesideIt() => Assert.All(
        typeof(CatalogReflection).Assembly.GetTypes().Select(type => type.GetProperty("Descriptor")?.GetValue(null)).OfType<FileDescriptor>().SelectMany(file => file.Services).SelectMany(service => service.Methods)
            .Select(method => (method.InputType, Path: method.GetOptions().GetExtension(AccessExtensions.Access).Repository.Split('.'))).Where(rule => rule.Path is not (["*"] or [""])),
        rule => Assert.NotNull(rule.Path.SkipLast(1).Aggregate(rule.InputType, (message, name) => message.FindFieldByName(name).MessageType).FindFieldByName("kind")));

    [Fact]
    public async Task Stream_ThatBeginsWithAnotherRepository_IsRefusedBeforeItIsRead()
    {
        var stream = new BoundStream<PushRequest>(new One(new() { Start = new() { Name = "acme/other" } }), new(Bound, "start.name"));

        var exception = await Assert.ThrowsAsync<ErrorException>(() => stream.MoveNext(Patience.Cancel));

        Assert.Equal("OTHER_REPOSITORY", exception.Error.Reason);
        Assert.True(await new BoundStream<PushRequest>(new One(new() { Start = new() { Name = "acme/llama" } }), new(Bound, "start.name")).MoveNext(Patience.Cancel));
    }

    private static void Refuses(string field, object request) =>
        Assert.Equal("OTHER_REPOSITORY", Assert.Throws<ErrorException>(() => new RepositoryBound(Bound, field).Hold(request)).Error.Reason);

    private static Principal Of(string repository)
    {
        var principal = People.Engineer().Clone();
        principal.Repository = repository;
        return principal;
    }

    private sealed class One(PushRequest request) : IAsyncStreamReader<PushRequest>
    {
        public PushRequest Current => request;

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(true);
    }
}
