using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Errors;
using ModelGarden.Testing;
using CatalogClient = ModelGarden.Contracts.V1.Catalog.CatalogClient;

namespace ModelGarden.Catalog.Tests;

/// <summary>The database engines that a contract holds on.</summary>
public enum Engine
{
    Sqlite,
    Postgres,
}

/// <summary>A catalog for one test, called over real gRPC, beside a double of Artifacts.</summary>
public abstract class CatalogContract(Engine engine) : IAsyncLifetime
{
    protected const string Model = "acme/llama";
    protected const string Card = "---\nlicense: apache-2.0\npipeline_tag: text-generation\nlibrary_name: transformers\nlanguage: [en, de]\ntags: [small]\n---\n# Small llama\n\nAnswers short questions.\n";
    private TestDatabase? _database;
    private TestGarden? _garden;

    internal ArtifactsDouble Artifacts { get; } = new();

    protected TestGarden Garden => _garden!;

    /// <summary>Null: the system's.</summary>
    protected virtual TimeProvider? Clock => null;

    /// <summary>Those that differ from the usual ones.</summary>
    protected virtual IReadOnlyDictionary<string, string>? Settings => null;

    protected CatalogClient Engineer => As(People.Engineer());

    protected CatalogClient Stranger => As(People.Engineer("globex"));

    protected CatalogClient Curator => As(People.Curator);

    protected static CancellationToken Cancel => Patience.Cancel;

    public async ValueTask InitializeAsync()
    {
        _database = engine is Engine.Postgres ? await TestDatabase.CreateAsync() : null;
        _garden = await StartAsync(_database);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_garden is not null)
        {
            await _garden.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Starts a catalog on this database; null: SQLite.</summary>
    private protected virtual Task<TestGarden> StartAsync(TestDatabase? database) => TestGarden.StartAsync(database, Clock, Settings, Artifacts.Definition, CatalogModule.Definition);

    protected CatalogClient As(Principal principal) => new(Garden.As(principal, ServiceNames.Catalog));

    /// <summary>What the catalog keeps.</summary>
    private protected CatalogDbContext Contexts() => Garden.PartsOf(ServiceNames.Catalog).GetRequiredService<IDbContextFactory<CatalogDbContext>>().CreateDbContext();

    protected bool IsPostgres => engine is Engine.Postgres;

    /// <summary>Rewrites what the catalog keeps.</summary>
    protected async Task ExecuteAsync(string statement)
    {
        await using var context = Contexts();
        await context.Database.ExecuteSqlRawAsync(statement, Cancel);
    }

    protected async Task<Repository> CreateAsync(string name = Model, Visibility visibility = Visibility.Garden) =>
        await Engineer.CreateRepositoryAsync(new() { Name = name, Visibility = visibility }, cancellationToken: Cancel);

    protected async Task<Commit> CommitAsync(params Operation[] operations) => await Engineer.CreateCommitAsync(Request(operations), cancellationToken: Cancel);

    protected static CreateCommitRequest Request(params Operation[] operations) => new() { Name = Model, Summary = "change", Operations = { operations } };

    protected static Operation Add(string path, string content) => Add(path, Encoding.UTF8.GetBytes(content));

    protected static Operation Add(string path, byte[] content) => new() { AddFile = new() { Path = path, Content = ByteString.CopyFrom(content) } };

    protected static Operation Large(string path, StoredFile file) => new() { AddLargeFile = new() { Path = path, Sha256 = file.Sha256, Size = file.Size } };

    protected static Operation Delete(string path, bool recursive = false) => new() { DeletePath = new() { Path = path, Recursive = recursive } };

    protected static Operation Copy(string from, string to, string revision = "") => new() { CopyFile = new() { FromPath = from, ToPath = to, FromRevision = revision } };

    /// <summary>Takes a lifecycle step as whoever may.</summary>
    protected async Task<Repository> StepAsync(LifecycleAction action, string comment = "", string revision = "") => await
        (action is LifecycleAction.Submit or LifecycleAction.Withdraw ? Engineer : Curator)
        .ChangeLifecycleAsync(new() { Name = Model, Action = action, Comment = comment, Revision = revision }, cancellationToken: Cancel);

    /// <summary>A repository with a published revision.</summary>
    protected async Task<(Repository Repository, Commit Commit)> PublishAsync()
    {
        await CreateAsync();
        var commit = await CommitAsync(Add("README.md", Card), Add("config.json", "{}"));
        await StepAsync(LifecycleAction.Submit);
        await StepAsync(LifecycleAction.Approve);
        return (await StepAsync(LifecycleAction.Publish), commit);
    }

    /// <summary>The reason with which a call is refused.</summary>
    protected static async Task<string> ReasonAsync<T>(AsyncUnaryCall<T> call) => (await ErrorAsync(call)).Reason;

    protected static async Task<Kernel.Error> ErrorAsync<T>(AsyncUnaryCall<T> call) =>
        (await Assert.ThrowsAsync<RpcException>(async () => await call)).ToError(ServiceNames.Catalog);

    /// <summary>Everything that a fetch gives.</summary>
    protected static async Task<(PackStart Start, List<GitObject> Objects)> ReadPackAsync(
        CatalogClient client, IEnumerable<string> wants, IEnumerable<string>? haves = null, Action<ReadPackRequest>? with = null)
    {
        var request = new ReadPackRequest { Name = Model, Wants = { wants }, Haves = { haves ?? [] } };
        with?.Invoke(request);
        using var call = client.ReadPack(request, cancellationToken: Cancel);
        Assert.True(await call.ResponseStream.MoveNext(Cancel));
        var (start, objects) = (call.ResponseStream.Current.Start, new List<GitObject>());
        while (await call.ResponseStream.MoveNext(Cancel))
        {
            objects.AddRange(call.ResponseStream.Current.Objects.Objects);
        }

        Assert.Equal(start.Objects, objects.Count);
        return (start, objects);
    }

    /// <summary>All paths of a revision, folders with a slash behind.</summary>
    protected async Task<IReadOnlyList<string>> PathsAsync(string revision = "", string path = "", bool recursive = true)
    {
        var tree = await Engineer.ListTreeAsync(new() { Name = Model, Revision = revision, Path = path, Recursive = recursive }, cancellationToken: Cancel);
        return [.. tree.Entries.Select(entry => entry.Folder ? entry.Path + "/" : entry.Path)];
    }

    /// <summary>Follows the catalog's change feed from its beginning until a state of the repository is as expected.</summary>
    protected async Task<Repository> UntilAsync(string id, Predicate<Repository> expected)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(TimeSpan.FromSeconds(30));
        using var watch = new ChangeFeed.ChangeFeedClient(Garden.As(People.Service(ServiceNames.Search), ServiceNames.Catalog)).Watch(new(), cancellationToken: timeout.Token);
        await foreach (var happened in watch.ResponseStream.ReadAllAsync(timeout.Token))
        {
            if (happened.Change?.Key == $"repository/{id}" && happened.Change.State?.Unpack<Repository>() is { } state && expected(state))
            {
                return state;
            }
        }

        throw new InvalidOperationException("the feed ended");
    }

    /// <summary>What the audit trail is told by now, in order.</summary>
    protected async Task<IReadOnlyList<AuditEvent>> AuditEventsAsync()
    {
        using var watch = new ChangeFeed.ChangeFeedClient(Garden.As(People.Service(ServiceNames.Entitlement), ServiceNames.Catalog)).Watch(new(), cancellationToken: Cancel);
        var told = new List<AuditEvent>();
        while (await watch.ResponseStream.MoveNext(Cancel) && watch.ResponseStream.Current.EventCase is not FeedEvent.EventOneofCase.CaughtUp)
        {
            if (watch.ResponseStream.Current.Change?.State?.TryUnpack<AuditEvent>(out var one) is true)
            {
                told.Add(one);
            }
        }

        return told;
    }
}
