using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Tests.Objects;
using ModelGarden.Hosting;

namespace ModelGarden.Artifacts.Tests.Crashes;

/// <summary>
/// A database whose process can be killed right before and right after each commit: of a transaction, or of a statement that changes something without one. What was not
/// committed is rolled back, as the engine does when its client is gone.
/// </summary>
internal sealed class DyingDatabase(Life life) : DbCommandInterceptor, IDbTransactionInterceptor, IDbConnectionInterceptor
{
    private readonly ConcurrentDictionary<object, bool> _last = new();

    /// <summary>Artifacts over a store and a database that end with one life: a new one at each start.</summary>
    /// <param name="next">Gives it.</param>
    /// <param name="mortal">Makes the store of such a life; where there is none, it dies between its operations.</param>
    public static ServiceDefinition Artifacts(Func<Life> next, Func<IObjectStore, Life, IObjectStore>? mortal = null)
    {
        Life life = null!;
        var definition = ArtifactsGarden.Over(store => mortal is null ? new DyingStore(store, life) : mortal(store, life));
        return definition with
        {
            Add = builder =>
            {
                var own = life = next();
                definition.Add(builder);
                builder.Services.ConfigureDbContext<ArtifactsDbContext>(options => options.AddInterceptors(new DyingDatabase(own)));
            },
        };
    }

    public ValueTask<InterceptionResult> ConnectionOpeningAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        life.RequireAlive();
        return new(result);
    }

    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        Begin(transaction);
        return new(result);
    }

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        End(transaction);
        return Task.CompletedTask;
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        BeginCommand(command);
        return new(result);
    }

    public override ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        End(command);
        return new(result);
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        BeginCommand(command);
        return new(result);
    }

    public override ValueTask<DbDataReader> ReaderExecutedAsync(DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        End(command);
        return new(result);
    }

    private void BeginCommand(DbCommand command)
    {
        life.RequireAlive();
        if (command.Transaction is null && !command.CommandText.AsSpan().TrimStart().StartsWith("SELECT", StringComparison.OrdinalIgnoreCase))
        {
            Begin(command);
        }
    }

    private void Begin(object step)
    {
        switch (life.Begin(isWrite: false))
        {
            case Death.Before or Death.Halfway:
                throw life.Die();
            case Death.After:
                _last[step] = true;
                break;
            default:
                break;
        }
    }

    private void End(object step)
    {
        if (_last.ContainsKey(step))
        {
            throw life.Die();
        }
    }
}
