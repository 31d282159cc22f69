using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary>How far a revision is to be brought.</summary>
internal enum Goal
{
    Submitted,
    Approved,
    Published,
}

/// <summary>Takes a model's revision along its life, one allowed step after the other, from wherever it stands.</summary>
internal sealed class Curation(Session session, RepositoryName model)
{
    private const int MostLooks = 60;
    private const int MostSteps = 5;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);

    /// <param name="commit">The revision; empty: the submitted one.</param>
    /// <param name="goal">Where to.</param>
    /// <param name="comment">Kept with each step.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    public async Task<Repository> AdvanceAsync(string commit, Goal goal, string comment, CancellationToken cancellationToken)
    {
        var repository = commit.Length > 0 ? await ExaminedAsync(commit, cancellationToken) : await session.Garden.GetRepositoryAsync(model, cancellationToken);
        for (var done = 0; done < MostSteps && StepFrom(repository, commit, goal) is { } step; done++)
        {
            repository = await session.Garden.ChangeLifecycleAsync(
                new() { Name = model.Value, Action = step, Revision = step is LifecycleAction.Submit ? commit : "", Comment = comment }, cancellationToken);
            session.Out.Note($"{model}: {Plain.Name(repository.Lifecycle)}");
        }

        return repository;
    }

    public Task<Repository> RejectAsync(string comment, CancellationToken cancellationToken) =>
        session.Garden.ChangeLifecycleAsync(new() { Name = model.Value, Action = LifecycleAction.Reject, Comment = comment }, cancellationToken);

    /// <summary>Null: it is there.</summary>
    private static LifecycleAction? StepFrom(Repository repository, string commit, Goal goal) => repository.Lifecycle switch
    {
        Lifecycle.Submitted when goal > Goal.Submitted => LifecycleAction.StartReview,
        Lifecycle.InReview when goal > Goal.Submitted => LifecycleAction.Approve,
        Lifecycle.Approved when goal > Goal.Approved => LifecycleAction.Publish,
        // Another revision under way is in the way; the garden says so in its own words.
        Lifecycle.Submitted or Lifecycle.InReview or Lifecycle.Approved => commit.Length is 0 || repository.SubmittedRevision == commit ? null : LifecycleAction.Submit,
        _ when commit.Length > 0 => repository.PublishedRevisions.Contains(commit) ? null : LifecycleAction.Submit,
        Lifecycle.Published when goal is Goal.Published => null,
        _ => LifecycleAction.Approve,
    };

    /// <summary>Files are examined after they have come; a submission before that would be refused.</summary>
    private async Task<Repository> ExaminedAsync(string commit, CancellationToken cancellationToken)
    {
        using var line = new StatusLine(session.Terminal, session.Out.IsJson);
        for (var look = 1; ; look++)
        {
            var repository = await session.Garden.GetRepositoryAsync(model, cancellationToken);
            if (look == MostLooks || repository.Record is not { Measured.Verdict: Verdict.Pending } record || record.Revision != commit)
            {
                return repository;
            }

            line.Show("waiting for the examination of the files…");
            await session.Terminal.Pause(BetweenLooks, cancellationToken);
        }
    }
}
