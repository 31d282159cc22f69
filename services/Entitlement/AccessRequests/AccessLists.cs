using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Decisions;

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
        var (at, account) = (place.Value.At, place.Value.Key);
        var size = request.PageSize is 0 ? UsualPage : request.PageSize;
        var rows = await context.AccessRequests
            .Where(row => row.RepositoryId == repository.Id && row.Status == request.Status && (row.ChangedAt < at || (row.ChangedAt == at && row.AccountKey.CompareTo(account) > 0)))
            .OrderByDescending(row => row.ChangedAt).ThenBy(row => row.AccountKey).Take(size + 1).ToListAsync(cancellationToken);
        return Page(rows, size, row => row.ToMessage(), row => row.AccountKey);
    }

    public async Task<Result<ListAccessRequestsResponse>> OwnAsync(Caller caller, ListOwnAccessRequestsRequest request, CancellationToken cancellationToken)
    {
        var place = Place.Read(request.PageToken);
        if ((place.Error ?? SizeFault(request.PageSize, LargestPage)) is { } error)
        {
            return error;
        }

        if (request.RepositoryId.Contains('\0', StringComparison.Ordinal))
        {
            // No id has one, and PostgreSQL would not look.
            return new ListAccessRequestsResponse();
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (key, wanted, at, repository) = (Key.Of(caller.Principal.Name), request.RepositoryId, place.Value.At, place.Value.Key);
        var size = request.PageSize is 0 ? LargestPage : request.PageSize;
        var rows = await context.AccessRequests
            .Where(row => row.AccountKey == key && (wanted == "" || row.RepositoryId == wanted) && (row.ChangedAt < at || (row.ChangedAt == at && row.RepositoryId.CompareTo(repository) > 0)))
            .OrderByDescending(row => row.ChangedAt).ThenBy(row => row.RepositoryId).Take(size + 1).ToListAsync(cancellationToken);
        return Page(rows, size, row => row.ToOwnMessage(), row => row.RepositoryId);
    }

    private static ListAccessRequestsResponse Page(List<AccessRequestRow> rows, int size, Func<AccessRequestRow, AccessRequest> describe, Func<AccessRequestRow, string> keyOf) => new()
    {
        Requests = { rows.Take(size).Select(describe) },
        NextPageToken = rows.Count > size ? new Place(rows[size - 1].ChangedAt, keyOf(rows[size - 1])).ToString() : "",
    };

    private static Error? Fault(ListAccessRequestsRequest request) => SizeFault(request.PageSize, UsualPage) ?? AccessErrors.StatusFault(request.Status);

    private static Error? SizeFault(int asked, int usual) => asked is < 0 or > LargestPage ? Error.Invalid("BAD_PAGE", $"a page has 1 to {LargestPage} requests (0: {usual})") : null;

    /// <summary>Behind which request a page begins.</summary>
    private sealed record Place(DateTimeOffset At, string Key)
    {
        public static Result<Place> Read(string token)
        {
            if (token.Length is 0)
            {
                return new Place(DateTimeOffset.MaxValue, "");
            }

            var dash = token.IndexOf('-', StringComparison.Ordinal);
            return dash > 0 && !token.Contains('\0', StringComparison.Ordinal) && long.TryParse(token.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
                ? new Place(DateTimeOffset.FromUnixTimeMilliseconds(at), token[(dash + 1)..])
                : Error.Invalid("BAD_PAGE_TOKEN", $"'{Text.Shorten(token)}' is not a page token: begin without one");
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.ToUnixTimeMilliseconds()}-{Key}");
    }
}
