using System.Net;
using System.Text.Json;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Errors;

public sealed class ErrorTests
{
    private static CancellationToken Cancel => Patience.Cancel;

    public static TheoryData<ErrorCode> Codes => [.. Enum.GetValues<ErrorCode>()];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Error_ThereAndBack_IsTheSame(ErrorCode code)
    {
        var error = new Error(code, "SOME_REASON", "größer als 5 … ≤ \"7\", 100 %\nnext line") { Why = "/garden/v1/why?action=ACTION_CALL&endpoint=chat" };

        Assert.Equal(error, error.ToRpcException().ToError("search"));
    }

    [Fact]
    public void Codes_BecomeStatuses_EachItsOwn() =>
        Assert.Equal(Enum.GetValues<ErrorCode>().Length, Enum.GetValues<ErrorCode>().Select(GrpcErrors.ToStatusCode).Distinct().Count());

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task Error_ThrownByAMethod_ArrivesAsItIs(ErrorCode code)
    {
        var error = new Error(code, "SOME_REASON", "größer als 5 … ≤ \"7\", 100 %") { Why = "/garden/v1/why?action=ACTION_CALL&endpoint=chat" };
        await using var garden = await TestGarden.StartAsync(new Probe { OnQuery = (_, _) => throw new ErrorException(error) }.Search());

        var exception = await Assert.ThrowsAsync<RpcException>(async () => await SearchOf(garden).QueryAsync(new(), cancellationToken: Cancel));

        Assert.Equal(GrpcErrors.ToStatusCode(code), exception.StatusCode);
        Assert.Equal(error, exception.ToError("search"));
    }

    [Theory]
    [InlineData(StatusCode.DeadlineExceeded, ErrorCode.Unavailable, "TIMEOUT")]
    [InlineData(StatusCode.ResourceExhausted, ErrorCode.ResourceExhausted, "MESSAGE_TOO_LARGE")]
    [InlineData(StatusCode.InvalidArgument, ErrorCode.InvalidArgument, "BAD_REQUEST")]
    [InlineData(StatusCode.Unavailable, ErrorCode.Unavailable, "SERVICE_UNAVAILABLE")]
    [InlineData(StatusCode.Internal, ErrorCode.Unavailable, "SERVICE_UNAVAILABLE")]
    [InlineData(StatusCode.Unknown, ErrorCode.Unavailable, "SERVICE_UNAVAILABLE")]
    [InlineData(StatusCode.Unimplemented, ErrorCode.Unavailable, "SERVICE_UNAVAILABLE")]
    [InlineData(StatusCode.Cancelled, ErrorCode.Unavailable, "SERVICE_UNAVAILABLE")]
    [InlineData(StatusCode.Unauthenticated, ErrorCode.Unavailable, "SERVICE_UNAVAILABLE")]
    public void Status_OfNoneOfOurErrors_SaysWhatWentWrongOnTheWay(StatusCode status, ErrorCode code, string reason)
    {
        var error = new RpcException(new Status(status, "detail")).ToError("search");

        Assert.Equal((code, reason), (error.Code, error.Reason));
        Assert.Contains(code is ErrorCode.InvalidArgument ? "detail" : "search", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bug_InAMethod_IsHidden()
    {
        await using var garden = await TestGarden.StartAsync(new Probe { OnQuery = (_, _) => throw new InvalidOperationException("the password is 1234") }.Search());

        var exception = await Assert.ThrowsAsync<RpcException>(async () => await SearchOf(garden).QueryAsync(new(), cancellationToken: Cancel));

        Assert.Equal(StatusCode.Internal, exception.StatusCode);
        Assert.DoesNotContain("1234", exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ErrorCode.InvalidArgument, HttpStatusCode.BadRequest)]
    [InlineData(ErrorCode.Unauthenticated, HttpStatusCode.Unauthorized)]
    [InlineData(ErrorCode.PermissionDenied, HttpStatusCode.Forbidden)]
    [InlineData(ErrorCode.NotFound, HttpStatusCode.NotFound)]
    [InlineData(ErrorCode.AlreadyExists, HttpStatusCode.Conflict)]
    [InlineData(ErrorCode.Conflict, HttpStatusCode.Conflict)]
    [InlineData(ErrorCode.ResourceExhausted, HttpStatusCode.TooManyRequests)]
    [InlineData(ErrorCode.Unavailable, HttpStatusCode.ServiceUnavailable)]
    public async Task Error_ThrownByAnEndpoint_IsAStatusAndOurJson(ErrorCode code, HttpStatusCode status)
    {
        await using var garden = await TestGarden.StartAsync(new Probe { OnHttp = _ => throw new ErrorException(new(code, "SOME_REASON", "größer als 5")) }.Search());
        using var http = garden.Http(ServiceNames.Search, People.Engineer());

        using var response = await http.GetAsync("/probe", Cancel);

        Assert.Equal(status, response.StatusCode);
        var error = (await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(Cancel), default, Cancel)).RootElement.GetProperty("error");
        Assert.Equal(("SOME_REASON", "größer als 5"), (error.GetProperty("reason").GetString(), error.GetProperty("message").GetString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/garden/v1/why?action=ACTION_CALL&endpoint=chat")]
    public async Task Error_ThatIsExplained_SaysWhere(string why)
    {
        await using var garden = await TestGarden.StartAsync(new Probe { OnHttp = _ => throw new ErrorException(Error.Denied("SOME_REASON", "no") with { Why = why }) }.Search());
        using var http = garden.Http(ServiceNames.Search, People.Engineer());

        using var response = await http.GetAsync("/probe", Cancel);

        var error = (await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(Cancel), default, Cancel)).RootElement.GetProperty("error");
        Assert.Equal(why.Length > 0 ? why : null, error.TryGetProperty("why", out var told) ? told.GetString() : null);
        Assert.Equal(why.Length > 0 ? [$"<{why}>; rel=\"help\""] : [], response.Headers.TryGetValues("Link", out var links) ? links : []);
    }

    [Fact]
    public async Task Bug_InAnEndpoint_IsHidden()
    {
        await using var garden = await TestGarden.StartAsync(new Probe { OnHttp = _ => throw new InvalidOperationException("the password is 1234") }.Search());
        using var http = garden.Http(ServiceNames.Search, People.Engineer());

        using var response = await http.GetAsync("/probe", Cancel);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.DoesNotContain("1234", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private static Search.SearchClient SearchOf(TestGarden garden) => new(garden.As(People.Engineer(), ServiceNames.Search));
}
