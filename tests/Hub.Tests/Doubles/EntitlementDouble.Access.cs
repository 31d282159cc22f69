using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>Access requests, of which a rejected one is not made again.</summary>
public sealed partial class EntitlementDouble
{
    private static readonly Timestamp Then = Timestamp.FromDateTime(new DateTime(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc));

    public override Task<AccessRequest> RequestAccess(RequestAccessRequest request, ServerCallContext context)
    {
        book.Asking = request;
        var account = Gated(request.Resource, context).Principal.Name;
        if (book.Requests.TryGetValue((request.Resource.RepositoryId, account), out var standing) && standing.Status is AccessStatus.Rejected)
        {
            throw new ErrorException(Error.Denied("ACCESS_REJECTED", $"your request was rejected: {standing.RejectionReason}"));
        }

        return Task.FromResult(book.Requests[(request.Resource.RepositoryId, account)] = new AccessRequest
        {
            RepositoryId = request.Resource.RepositoryId,
            Account = account,
            Tenant = context.GetCaller().Principal.Tenant,
            FullName = request.FullName,
            Email = request.Email,
            Fields = { request.Fields },
            Status = request.Resource.Gate is AccessGate.Automatic ? AccessStatus.Accepted : AccessStatus.Pending,
            AskedAt = Then,
            ChangedAt = Then,
        });
    }

    public override Task<AccessRequest> HandleAccessRequest(HandleAccessRequestRequest request, ServerCallContext context)
    {
        var by = OwnersOnly(request.Resource, context);
        if (!book.Requests.TryGetValue((request.Resource.RepositoryId, request.Account), out var standing))
        {
            throw new ErrorException(Error.NotFound("ACCESS_REQUEST_NOT_FOUND", $"'{Text.Shorten(request.Account)}' has not asked"));
        }

        if (standing.Status == request.Status)
        {
            throw new ErrorException(Error.Invalid("ALREADY_SO", $"the access of {standing.Account} is so already"));
        }

        (standing.Status, standing.RejectionReason, standing.Until, standing.DecidedBy) = (request.Status, request.RejectionReason, request.Until, by);
        return Task.FromResult(standing);
    }

    public override Task<AccessRequest> GrantAccess(GrantAccessRequest request, ServerCallContext context)
    {
        var by = OwnersOnly(request.Resource, context);
        return book.Requests.TryGetValue((request.Resource.RepositoryId, request.Account), out var standing) && standing.Status is AccessStatus.Accepted
            ? throw new ErrorException(Error.Invalid("ALREADY_SO", $"the access of {standing.Account} is so already"))
            : Task.FromResult(book.Requests[(request.Resource.RepositoryId, request.Account)] = new AccessRequest
            {
                RepositoryId = request.Resource.RepositoryId, Account = request.Account, Status = AccessStatus.Accepted, ChangedAt = Then, DecidedBy = by, Until = request.Until,
            });
    }

    public override Task<ListAccessRequestsResponse> ListAccessRequests(ListAccessRequestsRequest request, ServerCallContext context)
    {
        OwnersOnly(request.Resource, context);
        var all = book.Requests.Where(one => one.Key.RepositoryId == request.Resource.RepositoryId && one.Value.Status == request.Status).Select(one => one.Value).OrderBy(one => one.Account, StringComparer.Ordinal).ToList();
        var from = request.PageToken.Length is 0 ? 0 : int.Parse(request.PageToken, CultureInfo.InvariantCulture);
        return Task.FromResult(new ListAccessRequestsResponse
        {
            Requests = { all.Skip(from).Take(request.PageSize) },
            NextPageToken = from + request.PageSize < all.Count ? (from + request.PageSize).ToString(CultureInfo.InvariantCulture) : "",
        });
    }

    public override Task<ListAccessRequestsResponse> ListOwnAccessRequests(ListOwnAccessRequestsRequest request, ServerCallContext context) => Task.FromResult(new ListAccessRequestsResponse
    {
        Requests = { book.Requests.Where(one => one.Key == (request.RepositoryId, context.GetCaller().Principal.Name)).Select(one => new AccessRequest(one.Value) { DecidedBy = "" }) },
    });

    private static Caller Gated(Resource resource, ServerCallContext context) => resource.Gate is AccessGate.Automatic or AccessGate.Manual
        ? context.GetCaller()
        : throw new ErrorException(Error.Invalid("NOT_GATED", $"{resource.Repository} is not gated by its owner"));

    private static string OwnersOnly(Resource resource, ServerCallContext context) =>
        Gated(resource, context).WriteFault(RepositoryName.Create(resource.Repository).Value.Owner) is { } fault ? throw new ErrorException(fault) : context.GetCaller().Principal.Name;
}
