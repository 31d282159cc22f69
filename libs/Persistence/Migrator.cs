using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelGarden.Hosting.Health;
using ModelGarden.Kernel;

namespace ModelGarden.Persistence;

/// <summary>
/// Brings a store's schema up to date before anything else starts: the numbered scripts <c>Migrations/0001_….sql</c> embedded in the
/// context's assembly, each once, in order, all in one transaction. One script serves both engines: <c>{blob}</c> and
/// <c>{identity}</c> stand for the two types that they spell differently, <c>{clustered}</c> for SQLite's way to keep a table in its primary key. Applied scripts never change; a changed one stops the start.
/// </summary>
internal sealed partial class Migrator<TContext>(IDbContextFactory<TContext> contexts, DatabaseLocation<TContext> location, Readiness readiness, ILogger<Migrator<TContext>> logger) : IHostedLifecycleService
    where TContext : GardenDbContext
{
    private const string History = "CREATE TABLE IF NOT EXISTS schema_history (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, at BIGINT NOT NULL)";
    private readonly string _what = $"the database of {typeof(TContext).Name}";

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        readiness.WaitFor(_what);
        await location.PrepareAsync(cancellationToken);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using (var transaction = await context.Database.BeginTransactionAsync(cancellationToken))
        {
            // Replicas start together: the first one in here migrates, the others find it done.
            await location.LockAsync(context.Database, cancellationToken);
            await context.Database.ExecuteSqlRawAsync(History, cancellationToken);
            var applied = await context.Database.SqlQuery<AppliedScript>($"SELECT name AS \"Name\", sha256 AS \"Sha256\" FROM schema_history").ToListAsync(cancellationToken);
            foreach (var script in Scripts())
            {
                RequireOrder(script.Name, applied);
                await ApplyAsync(context, script, applied, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        readiness.Reached(_what);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static void RequireOrder(string name, IReadOnlyList<AppliedScript> applied)
    {
        if (applied.All(done => done.Name != name) && applied.FirstOrDefault(done => string.CompareOrdinal(done.Name, name) > 0) is { } later)
        {
            throw new ErrorException(Error.Conflict("SCHEMA_CHANGED", $"script {name} is new, yet {later.Name} was applied before it: give it the next number"));
        }
    }

    private async Task ApplyAsync(TContext context, (string Name, string Text) script, IReadOnlyList<AppliedScript> applied, CancellationToken cancellationToken)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(script.Text)));
        if (applied.FirstOrDefault(done => done.Name == script.Name) is { } done)
        {
            if (done.Sha256 != sha256)
            {
                throw new ErrorException(Error.Conflict("SCHEMA_CHANGED", $"script {script.Name} is not the one that made this database: it was changed after it had been applied"));
            }

            return;
        }

        // ADO.NET, for EF would read the braces of JSON defaults as its own parameters.
        await using var command = context.Database.GetDbConnection().CreateCommand();
        command.Transaction = Microsoft.EntityFrameworkCore.Storage.DbContextTransactionExtensions.GetDbTransaction(context.Database.CurrentTransaction!);
        command.CommandText = location.Spell(script.Text);
        await command.ExecuteNonQueryAsync(cancellationToken);
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await context.Database.ExecuteSqlAsync($"INSERT INTO schema_history (name, sha256, at) VALUES ({script.Name}, {sha256}, {now})", cancellationToken);
        LogApplied(script.Name, typeof(TContext).Name);
    }

    private static IEnumerable<(string Name, string Text)> Scripts()
    {
        yield return ("0000_change_log", ChangeLog.Schema);
        var assembly = typeof(TContext).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(IsScript).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            yield return (NameOf(resource), reader.ReadToEnd());
        }
    }

    private static bool IsScript(string resource) => resource.Contains(".Migrations.", StringComparison.Ordinal) && resource.EndsWith(".sql", StringComparison.Ordinal);

    private static string NameOf(string resource) => Path.GetFileNameWithoutExtension(resource[(resource.IndexOf(".Migrations.", StringComparison.Ordinal) + ".Migrations.".Length)..]);

    [LoggerMessage(921, LogLevel.Debug, "applied {Script} to {Store}")]
    private partial void LogApplied(string script, string store);

    private sealed record AppliedScript(string Name, string Sha256);
}
