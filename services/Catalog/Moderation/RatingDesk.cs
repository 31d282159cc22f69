using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Moderation;

/// <summary>Keeps what curators hold repositories' content to be, beside what the cards declare.</summary>
internal sealed class RatingDesk(RepositoryChanges changes)
{
    /// <summary>The repository as it is then.</summary>
    public async Task<Result<Repository>> RateAsync(SeenRepository repository, RateRepositoryRequest request, Caller caller, CancellationToken cancellationToken) =>
        (Fault(request.Rating) ?? StepHistory.ReasonFault("reason", request.Reason)) is { } fault ? fault : await changes.RunAsync<Repository>(
            repository.Id,
            async change =>
            {
                var row = change.Repository;
                if (row.AttestedRating != request.Rating)
                {
                    if (!await change.ClaimAsync(cancellationToken))
                    {
                        return RepositoryChange.Lost;
                    }

                    await StepHistory.CatchUpAsync(change, cancellationToken);
                    await ApplyAsync(change, request.Rating, request.Reason, caller, cancellationToken);
                }

                return SeenRepository.Of(row, caller) is { } seen ? await RepositoryDirectory.DescribeAsync(change.Context, seen, cancellationToken) : RepositoryFinder.NotFound(row.Name);
            },
            cancellationToken);

    /// <summary>Rates a repository that is claimed and rated differently yet: those who follow it are told, and its history says why.</summary>
    public static Task ApplyAsync(RepositoryChange change, ContentRating rating, string reason, Caller caller, CancellationToken cancellationToken)
    {
        var row = change.Repository;
        var words = $"{Name(row.AttestedRating)} became {Name(rating)}: {reason}";
        row.AttestedRating = rating;
        change.KeepDate();
        return StepHistory.AddAsync(change, new(LifecycleAction.Rate), row.Head, words, caller.Principal.Name, cancellationToken);
    }

    /// <summary>Why nothing can be rated so; null: it can.</summary>
    public static Error? Fault(ContentRating rating) => rating is not ContentRating.Unspecified && Enum.IsDefined(rating)
        ? null
        : Error.Invalid("BAD_RATING", $"rating is {(rating is ContentRating.Unspecified ? "not set" : $"{rating:d}")}: unrated, general, sensitive or explicit is expected");

    private static string Name(ContentRating rating) => rating.ToString().ToLowerInvariant();
}
