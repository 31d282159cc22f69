using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using ModelGarden.Catalog.Discussions;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>
/// Notes what a change of a repository saves, and writes down, in its transaction, the events that come of it: the one place where that is done, whatever operation it was.
/// Where nobody watches it costs a look into one index.
/// </summary>
internal sealed class EventNotes : IDisposable
{
    private readonly CatalogDbContext _context;
    private readonly StoredRepository _repository;
    private readonly State _before;
    private readonly Dictionary<string, EventRef> _refs = new(StringComparer.Ordinal);
    private readonly Dictionary<StoredDiscussion, EntityState> _discussions = [];
    private readonly List<StoredEvent> _said = [];

    /// <param name="context">That the change is made with.</param>
    /// <param name="repository">As it was read, before anything is changed.</param>
    public EventNotes(CatalogDbContext context, StoredRepository repository)
    {
        (_context, _repository, _before) = (context, repository, State.Of(repository));
        context.SavingChanges += Note;
    }

    /// <summary>Adds what has happened, if anybody watches; true: something was.</summary>
    /// <param name="isDeletion">The repository goes.</param>
    /// <param name="now">When.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<bool> AddEventsAsync(bool isDeletion, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (isDeletion)
        {
            await HideAsync(cancellationToken);
        }

        if (!isDeletion && State.Of(_repository) == _before && _refs.Count is 0 && _discussions.Count is 0 && _said.Count is 0)
        {
            return false;
        }

        string[] targets = [.. EventTarget.Of(_repository), .. _before.Owner == _repository.Owner ? Array.Empty<string>() : [EventTarget.OfNamespace(_before.Owner)]];
        if (!await IsWatchedAsync(_context, targets, cancellationToken))
        {
            return false;
        }

        var events = isDeletion ? [Event(RepositoryEvent.Repo, RepositoryEvent.Delete) with { Audience = EventAudience.Insiders }] : (List<RepositoryEvent>)[.. OfRepository(), .. OfRefs(), .. await OfDiscussionsAsync(cancellationToken)];
        Add(_context, events, targets, now);
        return events.Count > 0;
    }

    /// <summary>The same for a repository that is made now.</summary>
    public static async Task<bool> AddCreationAsync(CatalogDbContext context, StoredRepository repository, CancellationToken cancellationToken)
    {
        var targets = EventTarget.Of(repository);
        if (!await IsWatchedAsync(context, targets, cancellationToken))
        {
            return false;
        }

        Add(context, [new() { Scope = RepositoryEvent.Repo, Action = RepositoryEvent.Create, Repository = EventRepository.Of(repository) }], targets, repository.CreatedAt);
        return true;
    }

    public void Dispose() => _context.SavingChanges -= Note;

    private static Task<bool> IsWatchedAsync(CatalogDbContext context, string[] targets, CancellationToken cancellationToken) =>
        context.WebhookWatches.AnyAsync(watch => targets.Contains(watch.Target), cancellationToken);

    private static void Add(CatalogDbContext context, IEnumerable<RepositoryEvent> events, string[] targets, DateTimeOffset now) => context.WebhookEvents.AddRange(events.Select(one => new StoredWebhookEvent
    {
        RepositoryId = one.Repository.Id,
        Targets = string.Join(' ', targets),
        Domain = one.Domain,
        Comment = one.Comment?.Id,
        At = now,
        Content = one.ToJson(),
    }));

    /// <summary>What of a repository's comments is hidden is known no more when it is gone: it is written down with the events that tell of them. Whoever spreads events waits: both take several rows.</summary>
    private async Task HideAsync(CancellationToken cancellationToken)
    {
        await EventSpreader.TakeTurnAsync(_context, cancellationToken);
        var hidden = _context.DiscussionEvents.Where(said => said.RepositoryId == _repository.Id && said.Kind == StoredEventKind.Hide);
        await _context.WebhookEvents
            .Where(row => row.RepositoryId == _repository.Id && row.Domain == EventDomains.Discussion && hidden.Any(said => row.Comment == null || said.Subject == row.Comment))
            .ExecuteUpdateAsync(update => update.SetProperty(row => row.IsHidden, true), cancellationToken);
    }

    // A change may be saved in parts: of a ref the first part knows where it was, the last one where it is.
    private void Note(object? sender, SavingChangesEventArgs args)
    {
        foreach (var entry in _context.ChangeTracker.Entries())
        {
            switch (entry.Entity, entry.State)
            {
                case (StoredRef moved, EntityState.Added or EntityState.Modified or EntityState.Deleted):
                    _refs[moved.Name] = new(moved.Name, _refs.GetValueOrDefault(moved.Name)?.Old ?? TargetBefore(entry), entry.State is EntityState.Deleted ? "" : moved.Target);
                    break;
                case (StoredDiscussion discussion, EntityState.Added or EntityState.Modified):
                    _discussions.TryAdd(discussion, entry.State);
                    break;
                case (StoredEvent said, EntityState.Added):
                    _said.Add(said);
                    break;
            }
        }
    }

    private static string TargetBefore(EntityEntry entry) => entry.State is EntityState.Added ? "" : (string)entry.Property(nameof(StoredRef.Target)).OriginalValue!;

    private RepositoryEvent Event(string scope, string action) => new() { Scope = scope, Action = action, Repository = EventRepository.Of(_repository) };

    private IEnumerable<RepositoryEvent> OfRepository()
    {
        var after = State.Of(_repository);
        if (after.Name != _before.Name)
        {
            var moved = Event(RepositoryEvent.Repo, RepositoryEvent.Move);
            yield return moved with { Repository = moved.Repository with { Name = _before.Name, Owner = _before.Owner }, MovedTo = after.Name };
        }

        if (after with { Name = _before.Name, Owner = _before.Owner } != _before)
        {
            // Submitting, reviewing and the like is nobody else's business.
            var isInner = after.WithoutReview with { Name = _before.Name, Owner = _before.Owner } == _before.WithoutReview;
            yield return Event(RepositoryEvent.Config, RepositoryEvent.Update) with
            {
                Audience = isInner ? EventAudience.Insiders : EventAudience.Everyone,
                Private = after.Visibility == _before.Visibility ? null : after.Visibility is Visibility.Private,
            };
        }

        if (after.Published != _before.Published)
        {
            yield return Event(RepositoryEvent.Content, RepositoryEvent.Update) with
            {
                Audience = EventAudience.Outsiders,
                Refs = [new(RefName.Default, _before.Published.Split(' ', 2)[0], _repository.NewestPublished)],
            };
        }
    }

    private IEnumerable<RepositoryEvent> OfRefs()
    {
        var moved = _refs.Values.Where(one => one.Old != one.New).OrderBy(one => one.Name, StringComparer.Ordinal).Take(WebhookLimits.Refs).ToList();
        return moved.Count is 0 ? [] : [Event(RepositoryEvent.Content, RepositoryEvent.Update) with { Refs = moved }];
    }

    private async Task<List<RepositoryEvent>> OfDiscussionsAsync(CancellationToken cancellationToken)
    {
        var events = new List<RepositoryEvent>();
        foreach (var (discussion, state) in _discussions)
        {
            // What one is opened with is told with its opening.
            var first = state is EntityState.Added ? _said.Find(one => one.Number == discussion.Number && one.Kind is StoredEventKind.Comment) : null;
            events.Add(Event(RepositoryEvent.Discussed, state is EntityState.Added ? RepositoryEvent.Create : RepositoryEvent.Update) with { Discussion = Of(discussion), Comment = first is null ? null : Comment(first) });
        }

        var opened = _discussions.Where(one => one.Value is EntityState.Added).Select(one => one.Key.Number).ToList();
        foreach (var said in _said.Where(one => one.Kind is (StoredEventKind.Comment or StoredEventKind.Edit or StoredEventKind.Hide) && !opened.Contains(one.Number)))
        {
            var discussion = _discussions.Keys.FirstOrDefault(one => one.Number == said.Number)
                ?? await _context.Discussions.SingleAsync(row => row.RepositoryId == said.RepositoryId && row.Number == said.Number, cancellationToken);
            var isNew = said.Kind is StoredEventKind.Comment;
            var subject = isNew ? said : await _context.DiscussionEvents.SingleAsync(row => row.Id == said.Subject, cancellationToken);
            events.Add(Event(RepositoryEvent.Commented, isNew ? RepositoryEvent.Create : RepositoryEvent.Update) with
            {
                Discussion = Of(discussion),
                Comment = Comment(subject) with { Text = said.Text, Hidden = said.Kind is StoredEventKind.Hide },
            });
        }

        return events;
    }

    private static EventDiscussion Of(StoredDiscussion row) => new(row.Number, row.Title, row.Status, row.Author, row.IsPullRequest, row.MergeCommit);

    private static EventComment Comment(StoredEvent said) => new(said.Id, said.Author, said.Text, false);

    /// <summary>What of a repository's own row webhooks tell of.</summary>
    private sealed record State(
        string Name, string Owner, Visibility Visibility, SourceKind Source, string Origin, string OriginRevision, Lifecycle Standing, string Published, string Successor, DateTimeOffset? RetiresAt, Lifecycle Submission, string Submitted, AccessGate Gate, ContentRating Rating)
    {
        public State WithoutReview => this with { Submission = default, Submitted = "" };

        public static State Of(StoredRepository row) => new(
            row.Name, row.Owner, row.Visibility, row.SourceKind, row.SourceOrigin, row.SourceRevision, row.Standing, row.Published, row.Successor, row.RetiresAt, row.Submission, row.SubmittedRevision, row.Gate, row.AttestedRating);
    }
}
