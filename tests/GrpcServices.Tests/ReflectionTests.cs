using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using ModelGarden.GrpcServices.Tests.Reflected;
using Alpha = Grpc.Reflection.V1Alpha;

namespace ModelGarden.GrpcServices.Tests;

public sealed class ReflectionTests : IAsyncLifetime
{
    private static readonly string[] GreeterFiles = ["reflected.proto", "shared.proto", "google/protobuf/timestamp.proto"];

    private ServiceHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await ServiceHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task ListServices_NoneGiven_ListsAllThatAreMapped()
    {
        var response = await AskAsync(new ServerReflectionRequest { ListServices = "*", Host = "here" });

        Assert.Equal(
            [
                "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
                "modelgarden.reflected.Greeter",
            ],
            response.ListServicesResponse.Service.Select(service => service.Name));
        Assert.Equal("here", response.ValidHost);
        Assert.Equal("*", response.OriginalRequest.ListServices);
    }

    [Fact]
    public async Task ListServices_SomeGiven_ListsThose()
    {
        await using var own = await ServiceHost.StartAsync(Greeter.Descriptor);

        var response = await AskAsync(own, new ServerReflectionRequest { ListServices = string.Empty });

        Assert.Equal(["modelgarden.reflected.Greeter"], response.ListServicesResponse.Service.Select(service => service.Name));
    }

    [Theory]
    [InlineData("modelgarden.reflected.Greeter", "reflected.proto")]
    [InlineData("modelgarden.reflected.Greeter.Greet", "reflected.proto")]
    [InlineData("modelgarden.reflected.Greeting", "reflected.proto")]
    [InlineData("modelgarden.reflected.Greeting.text", "reflected.proto")]
    [InlineData("modelgarden.reflected.Greeting.kind", "reflected.proto")]
    [InlineData("modelgarden.reflected.Base", "shared.proto")]
    [InlineData("modelgarden.reflected.Base.Inner", "shared.proto")]
    [InlineData("modelgarden.reflected.Base.Mode", "shared.proto")]
    [InlineData("modelgarden.reflected.Base.MODE_PLAIN", "shared.proto")]
    [InlineData("modelgarden.reflected.Base.Inner.inner_note", "shared.proto")]
    [InlineData("modelgarden.reflected.Level", "shared.proto")]
    [InlineData("modelgarden.reflected.LEVEL_LOW", "shared.proto")]
    [InlineData("modelgarden.reflected.weight", "shared.proto")]
    [InlineData("google.protobuf.Timestamp", "google/protobuf/timestamp.proto")]
    [InlineData("grpc.reflection.v1.ServerReflection", "grpc/reflection/v1/reflection.proto")]
    [InlineData("grpc.health.v1.Health", "grpc/health/v1/health.proto")]
    public async Task FileContainingSymbol_EachKindOfSymbol_AnswersItsFileFirst(string symbol, string file)
    {
        var response = await AskAsync(new ServerReflectionRequest { FileContainingSymbol = symbol });

        Assert.Equal(file, Files(response)[0].Name);
    }

    [Fact]
    public async Task FileByFilename_WithDependencies_AnswersThemAllAndTheyBuild()
    {
        var response = await AskAsync(new ServerReflectionRequest { FileByFilename = "reflected.proto" });

        Assert.Equal(GreeterFiles, Files(response).Select(file => file.Name));
        // What a client does with it: dependencies first, the descriptors stand on their own.
        var built = FileDescriptor.BuildFromByteStrings(response.FileDescriptorResponse.FileDescriptorProto.Reverse());
        Assert.Equal("Greet", built[^1].Services.Single().Methods.Single().Name);
    }

    [Theory]
    [InlineData(120)]
    [InlineData(150)]
    public async Task FileContainingExtension_KnownNumber_AnswersTheFile(int number)
    {
        var response = await AskAsync(new ServerReflectionRequest
        {
            FileContainingExtension = new ExtensionRequest { ContainingType = "modelgarden.reflected.Base", ExtensionNumber = number },
        });

        Assert.Equal("shared.proto", Files(response)[0].Name);
    }

    [Theory]
    [InlineData("modelgarden.reflected.Base", new[] { 120, 150 })]
    [InlineData("modelgarden.reflected.Bare", new int[0])]
    public async Task AllExtensionNumbers_KnownType_AnswersThem(string type, int[] numbers)
    {
        var response = await AskAsync(new ServerReflectionRequest { AllExtensionNumbersOfType = type });

        Assert.Equal(type, response.AllExtensionNumbersResponse.BaseTypeName);
        Assert.Equal(numbers, response.AllExtensionNumbersResponse.ExtensionNumber);
    }

    public static TheoryData<string> Unanswerable =>
    [
        """{ "fileByFilename": "nope.proto" }""",
        """{ "fileContainingSymbol": "nope.Nope" }""",
        """{ "fileContainingSymbol": "" }""",
        """{ "fileContainingExtension": { "containingType": "modelgarden.reflected.Base", "extensionNumber": 121 } }""",
        """{ "fileContainingExtension": { "containingType": "nope.Nope", "extensionNumber": 1 } }""",
        """{ "allExtensionNumbersOfType": "nope.Nope" }""",
    ];

    [Theory]
    [MemberData(nameof(Unanswerable))]
    public async Task Request_NamingNothingKnown_IsAnsweredNotFound(string json)
    {
        var response = await AskAsync(ServerReflectionRequest.Parser.ParseJson(json));

        Assert.Equal((int)StatusCode.NotFound, response.ErrorResponse.ErrorCode);
        Assert.StartsWith("not found: ", response.ErrorResponse.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_OfNoKnownKind_IsAnsweredUnimplemented() => Assert.Equal(
        (int)StatusCode.Unimplemented, (await AskAsync(new ServerReflectionRequest())).ErrorResponse.ErrorCode);

    [Fact]
    public async Task Stream_WithAnErrorInBetween_GoesOnInOrder()
    {
        using var call = new ServerReflection.ServerReflectionClient(_host.Channel).ServerReflectionInfo(cancellationToken: Cancel);
        foreach (var name in (string[])["reflected.proto", "nope.proto", "shared.proto"])
        {
            await call.RequestStream.WriteAsync(new ServerReflectionRequest { FileByFilename = name }, Cancel);
        }

        await call.RequestStream.CompleteAsync();
        var answers = await call.ResponseStream.ReadAllAsync(Cancel).ToListAsync(Cancel);

        Assert.Equal(
            [
                ServerReflectionResponse.MessageResponseOneofCase.FileDescriptorResponse,
                ServerReflectionResponse.MessageResponseOneofCase.ErrorResponse,
                ServerReflectionResponse.MessageResponseOneofCase.FileDescriptorResponse,
            ],
            answers.Select(answer => answer.MessageResponseCase));
        Assert.Equal("shared.proto", answers[2].OriginalRequest.FileByFilename);
    }

    [Fact]
    public async Task V1Alpha_SameRequest_SameAnswer()
    {
        using var call = new Alpha.ServerReflection.ServerReflectionClient(_host.Channel).ServerReflectionInfo(cancellationToken: Cancel);
        await call.RequestStream.WriteAsync(new Alpha.ServerReflectionRequest { FileByFilename = "reflected.proto" }, Cancel);
        Assert.True(await call.ResponseStream.MoveNext(Cancel));

        var v1 = await AskAsync(new ServerReflectionRequest { FileByFilename = "reflected.proto" });

        Assert.Equal(v1.ToByteArray(), call.ResponseStream.Current.ToByteArray());
    }

    [Fact]
    public void Conventions_OnTheMappedReflection_ReachBothVersions()
    {
        var marked = _host.MarkedEndpoints().OfType<string>().Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            ],
            marked);
    }

    private static List<FileDescriptorProto> Files(ServerReflectionResponse response) =>
        [.. response.FileDescriptorResponse.FileDescriptorProto.Select(FileDescriptorProto.Parser.ParseFrom)];

    private Task<ServerReflectionResponse> AskAsync(ServerReflectionRequest request) => AskAsync(_host, request);

    private static async Task<ServerReflectionResponse> AskAsync(ServiceHost host, ServerReflectionRequest request)
    {
        using var call = new ServerReflection.ServerReflectionClient(host.Channel).ServerReflectionInfo(cancellationToken: Cancel);
        await call.RequestStream.WriteAsync(request, Cancel);
        await call.RequestStream.CompleteAsync();
        Assert.True(await call.ResponseStream.MoveNext(Cancel));
        return call.ResponseStream.Current;
    }
}
