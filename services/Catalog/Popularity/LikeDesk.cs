using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Popularity;

/// <summary>Takes down what accounts like.</summary>
internal sealed class LikeDesk(RepositoryChanges changes)
{
    /// <summary>The repository as it is then.</summary>
    public Task<Result<Repository>> SetAsync(SeenRepository repository, bool liked, Caller caller, CancellationToken cancellationToken) => changes.RunAsync<Repository>(
        repository.Id,
        async change =>
        {
            var (context, row, key) = (change.Context, change.Repository, AccountKey.Of(caller.Principal.Name));
            var like = await context.Likes.AsTracking().SingleOrDefaultAsync(like => like.RepositoryId == row.Id && like.AccountKey == key, cancellationToken);
            if (SeenRepository.Of(row, caller) is not { } seen)
            {
                return RepositoryFinder.NotFound(row.Name);
            }

            if (like is not null == liked)
            {
                return await RepositoryDirectory.DescribeAsync(context, seen, cancellationToken);
            }

            if (!await change.ClaimAsync(cancellationToken))
            {
                return RepositoryChange.Lost;
            }

            change.KeepDate();
            if (like is null)
            {
                context.Likes.Add(new() { RepositoryId = row.Id, Account = caller.Principal.Name, AccountKey = key, At = change.Now });
                (row.Likes, row.Trend) = (row.Likes + 1, Trend.With(row.Trend, Trend.OfALike, change.Now));
            }
            else
            {
                context.Likes.Remove(like);
                (row.Likes, row.Trend) = (row.Likes - 1, Trend.Without(row.Trend, Trend.OfALike, like.At));
            }

            return await RepositoryDirectory.DescribeAsync(context, seen, cancellationToken);
        },
        cancellationToken);
}
