using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Discussions;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>An event with what it is about as that is now, to be told to whoever may see it.</summary>
internal sealed record EventView(RepositoryEvent Event, StoredRepository Repository, bool IsCommentHidden)
{
    public static async Task<EventView> OfAsync(CatalogDbContext context, StoredWebhookEvent row, CancellationToken cancellationToken)
    {
        var one = RepositoryEvent.FromJson(row.Content);
        var repository = await context.Repositories.SingleOrDefaultAsync(stored => stored.Id == one.Repository.Id, cancellationToken) ?? one.Repository.ToDeleted();
        var isHidden = row.IsHidden || (one.Comment is { Id: var comment } && await context.DiscussionEvents.AnyAsync(
            said => said.RepositoryId == one.Repository.Id && said.Number == one.Discussion!.Number && said.Kind == StoredEventKind.Hide && said.Subject == comment, cancellationToken));
        return new(one, repository, isHidden);
    }

    /// <summary>Whether a webhook's account may be told of it, as anybody of its tenant.</summary>
    public bool IsTold(StoredWebhook webhook) => SeenRepository.Of(Repository, MakerStanding.Maker(webhook)) is { } seen && WebhookPayload.IsTold(Event, seen);

    /// <summary>The body for a webhook; null: its account may not be told, as anybody of its tenant.</summary>
    public byte[]? For(StoredWebhook webhook) =>
        SeenRepository.Of(Repository, MakerStanding.Maker(webhook)) is { } seen ? WebhookPayload.Write(Event, seen, IsCommentHidden, webhook) : null;
}
