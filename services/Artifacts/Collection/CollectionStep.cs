using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;
using ModelGarden.Persistence;

namespace ModelGarden.Artifacts.Collection;

internal static class CollectionStep
{
    extension(IDbContextFactory<ArtifactsDbContext> contexts)
    {
        /// <summary>One step of a collection, in a transaction that is kept where it says true. False also where the database refuses it: something has come to need what was to go.</summary>
        public async Task<bool> TryStepAsync(Func<ArtifactsDbContext, Task<bool>> step, CancellationToken cancellationToken)
        {
            try
            {
                return await contexts.TransactAsync(
                    async (context, transaction) =>
                    {
                        var isDone = await step(context);
                        if (isDone)
                        {
                            await transaction.CommitAsync(cancellationToken);
                        }

                        return isDone;
                    },
                    cancellationToken);
            }
            catch (Exception exception) when (exception.IsForeignKeyViolation())
            {
                return false;
            }
        }
    }
}
