using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;

namespace ModelGarden.Persistence;

/// <summary>How a service gets its store.</summary>
public static class PersistenceExtensions
{
    extension(IServiceCollection services)
    {
        /// <summary>
        /// Registers <c>IDbContextFactory&lt;TContext&gt;</c> on the garden's database and migrates it before the service starts.
        /// </summary>
        public IServiceCollection AddGardenStore<TContext>()
            where TContext : GardenDbContext
        {
            services.AddSingleton<DatabaseLocation<TContext>>();
            services.AddSingleton<ChangeSignal<TContext>>();
            services.AddDbContextFactory<TContext>((provider, options) =>
            {
                provider.GetRequiredService<DatabaseLocation<TContext>>().Configure(options);
                options.AddInterceptors(provider.GetRequiredService<ChangeSignal<TContext>>().Interceptor);
                options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking);
                // A command that fails throws, and often is expected to (IsUniqueViolation): who catches it knows whether it is worth a log line.
                options.ConfigureWarnings(warnings => warnings
                    .Ignore(CoreEventId.SensitiveDataLoggingEnabledWarning)
                    // A page of rows in no order is another one each time: a mistake in the query, which its first test meets.
                    .Throw(CoreEventId.RowLimitingOperationWithoutOrderByWarning)
                    .Log((RelationalEventId.CommandError, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug), (CoreEventId.QueryIterationFailed, LogLevel.Debug)));
            });
            // First of all hosted services: the others may count on the schema.
            services.Insert(0, ServiceDescriptor.Singleton<IHostedService, Migrator<TContext>>());
            services.TryAddSingleton<ChangeFeedService<TContext>>();
            services.AddHostedService<ChangeLogTrim<TContext>>();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<GardenOptions>, DatabaseValidator>());
            return services;
        }

        /// <summary>Keeps the SQLite file of a store that holds private keys for this service's user alone. To be called after <see cref="AddGardenStore{TContext}"/>: it comes before the store is first opened.</summary>
        public IServiceCollection AddPrivateStore()
        {
            services.Insert(0, ServiceDescriptor.Singleton<IHostedService, PrivateStore>());
            return services;
        }
    }

    extension(IEndpointRouteBuilder routes)
    {
        /// <summary>Serves the change feed of this store.</summary>
        public void MapChangeFeed<TContext>()
            where TContext : GardenDbContext =>
            routes.MapGarden<ChangeFeedService<TContext>>(ChangeFeed.Descriptor);
    }

    /// <summary>The failure is that a row of the same key is there already, in either engine.</summary>
    public static bool IsUniqueViolation(this DbUpdateException exception) => exception.InnerException switch
    {
        Microsoft.Data.Sqlite.SqliteException { SqliteExtendedErrorCode: 1555 or 2067 } => true,
        Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.UniqueViolation } => true,
        _ => false,
    };

    /// <summary>A row that this one needs is not there, or one that is needed was deleted.</summary>
    public static bool IsForeignKeyViolation(this Exception exception) => (exception is DbUpdateException ? exception.InnerException : exception) switch
    {
        Microsoft.Data.Sqlite.SqliteException { SqliteExtendedErrorCode: 787 } => true,
        Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.ForeignKeyViolation } => true,
        _ => false,
    };

    /// <summary>This transaction and another one waited for each other, and the database broke this one off: made anew it succeeds. EF Core wraps such failures, once or twice.</summary>
    public static bool IsDeadlock(this Exception exception) =>
        exception is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.DeadlockDetected } || exception.InnerException?.IsDeadlock() is true;
}
