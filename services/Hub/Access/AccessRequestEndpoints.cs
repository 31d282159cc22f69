using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Access;

/// <summary>For the owner of a gated repository: who asked for access, and what becomes of it.</summary>
internal sealed class AccessRequestEndpoints(Garden garden) : IEndpoints
{
    private const string Requests = "/api/{kind}/{ns}/{name}/user-access-request";
    private const int UsualPage = 100;
    private const int MaximumPage = 1000;

    public IEnumerable<HubRoute> Routes =>
    [
        new("GET", Requests + "/{status}", ListAsync),
        new("POST", Requests + "/handle", HandleAsync),
        new("POST", Requests + "/grant", GrantAsync),
    ];

    private async Task ListAsync(HubRequest request)
    {
        var status = StatusOf(request.Value("status"))
            ?? throw new ErrorException(Error.Invalid("BAD_STATUS", $"there is no list of '{Text.Shorten(request.Value("status"))}' requests: pending, accepted and rejected are"));
        var found = await garden.Entitlement.ListAccessRequestsAsync(
            new()
            {
                Resource = await ResourceAsync(request),
                Status = status,
                PageSize = request.Limit(UsualPage, MaximumPage),
                PageToken = request.QueryText(Paging.Cursor) ?? "",
            },
            cancellationToken: request.Cancel);
        request.LinkNext(found.NextPageToken);
        await request.Http.WriteJsonAsync(new JsonArray([.. found.Requests.Select(AccessJson.Of)]));
    }

    private async Task HandleAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        var wanted = new HandleAccessRequestRequest
        {
            Resource = await ResourceAsync(request),
            Account = body.Text("user"),
            Status = StatusOf(body.Text("status")) ?? throw body.Bad("status", $"'{Text.Shorten(body.Text("status"))}' is none of accepted, rejected and pending"),
            RejectionReason = body.OptionalText("rejectionReason") ?? "",
            Until = UntilIn(body),
        };
        await AnswerAsync(request, await garden.Entitlement.HandleAccessRequestAsync(wanted, cancellationToken: request.Cancel));
    }

    private async Task GrantAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        var resource = await ResourceAsync(request);
        // Who may not grant learns nothing of who there is.
        if (request.Caller.WriteFault(RepositoryName.Create(resource.Repository).OrThrow().Owner) is { } fault)
        {
            throw new ErrorException(fault);
        }

        var wanted = new GrantAccessRequest { Resource = resource, Account = await NameOfAsync(body.Text("user"), request.Cancel), Until = UntilIn(body) };
        await AnswerAsync(request, await garden.Entitlement.GrantAccessAsync(wanted, cancellationToken: request.Cancel));
    }

    private async Task<Resource> ResourceAsync(HubRequest request)
    {
        var repository = await garden.Catalog.GetRepositoryAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel);
        return Resource.Of(repository);
    }

    /// <summary>As the account writes it; one that cannot exist is not found, like any other that does not.</summary>
    private async Task<string> NameOfAsync(string user, CancellationToken cancellationToken)
    {
        try
        {
            return (await garden.IdentityAsHub.GetAccountAsync(new() { Name = user }, cancellationToken: cancellationToken)).Name;
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.NotFound or ErrorCode.InvalidArgument)
        {
            throw new ErrorException(Error.NotFound("ACCOUNT_NOT_FOUND", $"there is no account '{Text.Shorten(user)}'"));
        }
    }

    private static Task AnswerAsync(HubRequest request, AccessRequest access) => request.Http.WriteJsonAsync(AccessJson.Of(access));

    private static AccessStatus? StatusOf(string word) => word switch
    {
        "pending" => AccessStatus.Pending,
        "accepted" => AccessStatus.Accepted,
        "rejected" => AccessStatus.Rejected,
        _ => null,
    };

    /// <summary>A field of our own: what is granted may end.</summary>
    private static Timestamp? UntilIn(JsonFields body) => body.OptionalText("until") is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until) ? until.ToTimestamp()
        : throw body.Bad("until", $"'{Text.Shorten(text)}' is not a time, such as 2027-01-31T00:00:00Z");
}
