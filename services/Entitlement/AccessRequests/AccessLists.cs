using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.AccessRequests;

/// <summary>Lists access requests: a repository's for its owner, an account's for itself.</summary>
internal sealed class AccessLists(IDbContextFactory<EntitlementDbContext> contexts)
{
    private const int UsualPage = 100;
    private const int LargestPage = 1000;

    public async Task<Result<ListAccessRequestsResponse>> ListAsync(Caller caller, GatedRepository repository, ListAccessRequestsRequest request, CancellationToken cancellationToken)
    {
        var place = Place.Read(request.PageToken);
        if ((caller.WriteFault(repository.Name.Owner) ?? place.Error ?? Fault(request)) is { } error)
        {
            return error;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (at, account) = (place.Value.At, place.Value.AccountKey);
        var size = request.PageSize is 0 ? UsualPage : request.PageSize;
        var rows = await context.AccessRequests
            .Where(row => row.RepositoryId == repository.Id && row.Status == request.Status && (row.ChangedAt < at || (row.ChangedAt == at && row.AccountKey.CompareTo(account) > 0)))
            .OrderByDescending(row => row.ChangedAt).ThenBy(row => row.AccountKey).Take(size + 1).ToListAsync(cancellationToken);
        return new ListAccessRequestsResponse
        {
            Requests = { rows.Take(size).Select(row => row.ToMessage()) },
            NextPageToken = rows.Count > size ? new Place(rows[size - 1].ChangedAt, rows[size - 1].AccountKey).ToString() : "",
        };
    }

    public async Task<ListAccessRequestsResponse> OwnAsync(Caller caller, string repositoryId, CancellationToken cancellationToken)
    {
        if (repositoryId.Contains('\0', StringComparison.Ordinal))
        {
            // No id has one, and PostgreSQL would not look.
            return new();
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var key = Key.Of(caller.Principal.Name);
        var rows = await context.AccessRequests.Where(row => row.AccountKey == key && (repositoryId == "" || row.RepositoryId == repositoryId))
            .OrderByDescending(row => row.ChangedAt).ThenBy(row => row.RepositoryId).Take(LargestPage).ToListAsync(cancellationToken);
        return new() { Requests = { rows.Select(row => row.ToOwnMessage()) } };
    }

    private static Error? Fault(ListAccessRequestsRequest request) => request switch
    {
        { PageSize: < 0 or > LargestPage } => Error.Invalid("BAD_PAGE", $"a page has 1 to {LargestPage} requests (0: {UsualPage})"),
        _ => AccessErrors.StatusFault(request.Status),
    };

    /// <summary>Behind which request a page begins.</summary>
    private sealed record Place(DateTimeOffset At, string AccountKey)
    {
        public static Result<Place> Read(string token)
        {
            if (token.Length is 0)
            {
                return new Place(DateTimeOffset.MaxValue, "");
            }

            var dash = token.IndexOf('-', StringComparison.Ordinal);
            return dash > 0 && long.TryParse(token.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
                ? new Place(DateTimeOffset.FromUnixTimeMilliseconds(at), token[(dash + 1)..])
                : Error.Invalid("BAD_PAGE_TOKEN", $"'{Text.Shorten(token)}' is not a page token: begin without one");
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.ToUnixTimeMilliseconds()}-{AccountKey}");
    }
}
