using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Popularity;

/// <summary>Lists who likes what.</summary>
internal static class LikeReading
{
    private const int NormalPage = 100;
    private const int MaximumPage = 1000;

    public static async Task<Result<ListLikersResponse>> ListLikersAsync(
        CatalogDbContext context, SeenRepository repository, ListLikersRequest request, CancellationToken cancellationToken)
    {
        var (size, after) = (PageToken.Size(request.PageSize, NormalPage, MaximumPage), PageToken.ReadPlace(request.PageToken));
        if ((size.Error ?? after.Error) is { } error)
        {
            return error;
        }

        var id = repository.Id;
        var likes = context.Likes.Where(like => like.RepositoryId == id);
        if (after.Value is { Id: { Length: > 0 } last, At: var at })
        {
            likes = likes.Where(like => like.At < at || (like.At == at && string.Compare(like.AccountKey, last) > 0));
        }

        var rows = await likes.OrderByDescending(like => like.At).ThenBy(like => like.AccountKey).Take(size.Value + 1).ToListAsync(cancellationToken);
        var page = rows.Take(size.Value).ToList();
        return new ListLikersResponse
        {
            Likes = { page.Select(like => Describe(like, repository.Row)) },
            NextPageToken = rows.Count > page.Count ? PageToken.Write(page[^1].At.ToUnixTimeMilliseconds(), page[^1].AccountKey) : "",
        };
    }

    public static async Task<Result<ListLikesResponse>> ListLikesAsync(CatalogDbContext context, ListLikesRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (account, size, after) = (AccountName.Create(request.Account), PageToken.Size(request.PageSize, NormalPage, MaximumPage), PageToken.ReadPlace(request.PageToken));
        if ((account.Error ?? size.Error ?? after.Error) is { } error)
        {
            return error;
        }

        var key = AccountKey.Of(account.Value.Value);
        var likes = context.Likes.Where(like => like.AccountKey == key);
        if (after.Value is { Id: { Length: > 0 } last, At: var at })
        {
            likes = likes.Where(like => like.At < at || (like.At == at && string.Compare(like.RepositoryId, last) > 0));
        }

        var rows = await likes.Join(context.Repositories.Where(RepositoryDirectory.SeenBy(caller)), like => like.RepositoryId, row => row.Id, (like, row) => new { Like = like, Repository = row })
            .OrderByDescending(pair => pair.Like.At).ThenBy(pair => pair.Like.RepositoryId).Take(size.Value + 1).ToListAsync(cancellationToken);
        var page = rows.Take(size.Value).ToList();
        return new ListLikesResponse
        {
            Likes = { page.Select(pair => Describe(pair.Like, pair.Repository)) },
            NextPageToken = rows.Count > page.Count ? PageToken.Write(page[^1].Like.At.ToUnixTimeMilliseconds(), page[^1].Like.RepositoryId) : "",
        };
    }

    /// <summary>Those of these repositories that the caller likes.</summary>
    public static async Task<HashSet<string>> LikedAsync(CatalogDbContext context, List<string> repositoryIds, Caller caller, CancellationToken cancellationToken)
    {
        var key = AccountKey.Of(caller.Principal.Name);
        return key.Length is 0 ? [] : await context.Likes.Where(like => like.AccountKey == key && repositoryIds.Contains(like.RepositoryId))
            .Select(like => like.RepositoryId).ToHashSetAsync(cancellationToken);
    }

    private static Like Describe(StoredLike like, StoredRepository repository) =>
        new() { Account = like.Account, At = Timestamp.FromDateTimeOffset(like.At), Repository = new() { Name = repository.Name, Kind = repository.Kind } };
}
