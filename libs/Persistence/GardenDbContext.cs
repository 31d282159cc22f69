using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Persistence;

/// <summary>
/// A service's store. What is announced with <see cref="Announce"/> is written to the change feed in the transaction of the next save,
/// so the feed never tells of what did not happen, nor hides what did. Tables and columns are named in snake_case; times are kept
/// as milliseconds since 1970 UTC.
/// </summary>
public abstract class GardenDbContext(DbContextOptions options) : DbContext(options)
{
    private readonly List<(string Key, byte[]? State)> _announced = [];

    /// <summary>Tells the feed's followers the whole new state of a thing, or that it is gone.</summary>
    /// <param name="key">Unique in this service's feed, such as <c>endpoint/acme/chat</c>.</param>
    /// <param name="state">Null: gone.</param>
    public void Announce(string key, IMessage? state) => _announced.Add((key, state is null ? null : Any.Pack(state).ToByteArray()));

    /// <summary>Tells the audit trail what the next save does: an event of its own in the feed, which is forgotten after 30 days.</summary>
    /// <param name="happened">Without an id: it gets one.</param>
    public void Tell(AuditEvent happened)
    {
        var told = new AuditEvent(happened) { Id = Guid.CreateVersion7().ToString("n") };
        Announce($"{ChangeLog.AuditPrefix}{told.Id}", told);
    }

    /// <inheritdoc/>
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        if (_announced.Count is 0)
        {
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        }

        await using var own = Database.CurrentTransaction is null ? await Database.BeginTransactionAsync(cancellationToken) : null;
        // Nothing counts as saved or told before it is committed: after a failure the same save can be tried again, whole.
        var saved = await base.SaveChangesAsync(acceptAllChangesOnSuccess: false, cancellationToken);
        await ChangeLog.AppendAsync(Database, _announced, cancellationToken);
        if (own is not null)
        {
            await own.CommitAsync(cancellationToken);
        }

        _announced.Clear();
        if (acceptAllChangesOnSuccess)
        {
            ChangeTracker.AcceptAllChanges();
        }

        return saved;
    }

    /// <inheritdoc/>
    public override int SaveChanges(bool acceptAllChangesOnSuccess) => throw new NotSupportedException("stores are saved asynchronously");

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<MillisecondsConverter>();

    /// <summary>Describe the entities first, then call the base: it names tables and columns.</summary>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            entity.SetTableName(SnakeCase(entity.GetTableName() ?? entity.ShortName()));
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
            }
        }
    }

    private static string SnakeCase(string name)
    {
        var snake = new StringBuilder(name.Length + 8);
        foreach (var (i, c) in name.Index())
        {
            if (char.IsUpper(c) && i > 0 && !char.IsUpper(name[i - 1]))
            {
                snake.Append('_');
            }

            snake.Append(char.ToLowerInvariant(c));
        }

        return snake.ToString();
    }

    private sealed class MillisecondsConverter() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(), milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
}
