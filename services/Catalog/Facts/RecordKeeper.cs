using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Cards;
using ModelGarden.Catalog.Families;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Facts;

/// <summary>Makes, keeps and finds the records that describe commits.</summary>
internal sealed class RecordKeeper(TreeCache cache)
{
    private const int MaximumRevisions = 200;

    /// <summary>The record of a commit, or null for no commit.</summary>
    public static async Task<ModelRecord?> FindAsync(CatalogDbContext context, string repositoryId, string revision, CancellationToken cancellationToken)
    {
        if (revision.Length is 0)
        {
            return null;
        }

        var row = await context.Records.SingleOrDefaultAsync(record => record.RepositoryId == repositoryId && record.Revision == revision, cancellationToken);
        return row is null ? null : ModelRecord.Parser.ParseFrom(row.Content);
    }

    /// <summary>The record of a commit; of one that was pushed below another, which has none, as it would be.</summary>
    public async Task<ModelRecord?> FindOrMakeAsync(CatalogDbContext context, StoredRepository repository, string revision, CancellationToken cancellationToken)
    {
        if (await FindAsync(context, repository.Id, revision, cancellationToken) is { } found)
        {
            return found;
        }

        var commit = revision.Length is 0 ? null : await context.Commits.SingleOrDefaultAsync(row => row.RepositoryId == repository.Id && row.Oid == revision, cancellationToken);
        return commit is null ? null : await MakeAsync(context, new(context, cache, repository.Id), repository, commit, cancellationToken);
    }

    /// <summary>Makes the record of a commit, whose trees need not be stored yet, out of what is known now.</summary>
    public static async Task<ModelRecord> MakeAsync(
        CatalogDbContext context, TreeReader trees, StoredRepository repository, StoredCommit commit, CancellationToken cancellationToken)
    {
        var root = ObjectId.Create(commit.Tree).Value;
        var files = await MeasureAsync(context, trees, repository, root, cancellationToken);
        return Describe(repository, commit.Oid, await ReadTextsAsync(context, trees, repository.Id, root, cancellationToken), files);
    }

    /// <summary>What the texts and files of a revision come to.</summary>
    public static ModelRecord Describe(StoredRepository repository, string revision, RevisionTexts texts, IReadOnlyList<MeasuredFile> files)
    {
        var (declared, measured) = (CardReading.Declared(texts.Card, repository.Name), Measuring.Of(files, AdapterConfig.Read(texts.AdapterConfig)));
        return new()
        {
            Revision = revision,
            Declared = declared,
            Measured = measured,
            BaseModelRelation = Descent.RelationOf(declared, measured),
            Contradictions = { Facts.Contradictions.Of(declared, measured) },
        };
    }

    /// <summary>Every file of a tree with what is known of it.</summary>
    public static async Task<IReadOnlyList<MeasuredFile>> MeasureAsync(
        CatalogDbContext context, TreeReader trees, StoredRepository repository, ObjectId root, CancellationToken cancellationToken)
    {
        var known = await FileKnowledge.OfAllAsync(context, repository, cancellationToken);
        var files = new List<MeasuredFile>();
        await foreach (var (path, file) in trees.FilesAsync(root, cancellationToken))
        {
            files.Add(known.Of(path, file));
        }

        return files;
    }

    /// <summary>Makes a stored commit's record again and keeps it where it differs; true: it did. Saved with the change.</summary>
    public async Task<bool> RefreshAsync(CatalogDbContext context, StoredRepository repository, string revision, CancellationToken cancellationToken)
    {
        var commit = await context.Commits.SingleAsync(row => row.RepositoryId == repository.Id && row.Oid == revision, cancellationToken);
        var made = await MakeAsync(context, new(context, cache, repository.Id), repository, commit, cancellationToken);
        var stored = await context.Records.AsTracking().SingleOrDefaultAsync(row => row.RepositoryId == repository.Id && row.Revision == revision, cancellationToken);
        if (stored is null)
        {
            // A commit that was pushed below another one has none before somebody has a use for it.
            context.Records.Add(new() { RepositoryId = repository.Id, Revision = revision, Content = made.ToByteArray() });
            return true;
        }

        if (ModelRecord.Parser.ParseFrom(stored.Content).Equals(made))
        {
            return false;
        }

        stored.Content = made.ToByteArray();
        return true;
    }

    /// <summary>Makes the records again of the revisions that people look at; whether one of them differs.</summary>
    public async Task<bool> RefreshShownAsync(CatalogDbContext context, StoredRepository repository, CancellationToken cancellationToken)
    {
        var differs = false;
        foreach (var revision in await ShownAsync(context, repository, cancellationToken))
        {
            differs |= await RefreshAsync(context, repository, revision, cancellationToken);
        }

        return differs;
    }

    /// <summary>Reads the cards again of the revisions that people look at: without a heading the title is the repository's name. Saved with the change.</summary>
    public async Task RedeclareAsync(CatalogDbContext context, StoredRepository repository, CancellationToken cancellationToken)
    {
        var trees = new TreeReader(context, cache, repository.Id);
        foreach (var revision in await ShownAsync(context, repository, cancellationToken))
        {
            var commit = await context.Commits.SingleAsync(row => row.RepositoryId == repository.Id && row.Oid == revision, cancellationToken);
            var stored = await context.Records.AsTracking().SingleAsync(row => row.RepositoryId == repository.Id && row.Revision == revision, cancellationToken);
            var record = ModelRecord.Parser.ParseFrom(stored.Content);
            record.Declared = CardReading.Declared(await ReadCardAsync(context, trees, repository.Id, ObjectId.Create(commit.Tree).Value, cancellationToken), repository.Name);
            stored.Content = record.ToByteArray();
        }
    }

    /// <summary>The revisions that people look at: published and submitted ones, and those of the newest branches and tags.</summary>
    public static async Task<IReadOnlyList<string>> ShownAsync(CatalogDbContext context, StoredRepository repository, CancellationToken cancellationToken)
    {
        var targets = await context.Refs.Where(row => row.RepositoryId == repository.Id).OrderByDescending(row => row.At).Select(row => row.Target).Take(MaximumRevisions).ToListAsync(cancellationToken);
        var life = repository.Life;
        return [.. life.Published.Append(life.SubmittedRevision).Concat(targets).Where(revision => revision.Length > 0).Distinct()];
    }

    /// <summary>A repository's state in the change feed.</summary>
    public static async Task<Repository> StateAsync(CatalogDbContext context, StoredRepository repository, CancellationToken cancellationToken)
    {
        var state = SeenRepository.ForFeed(repository).Describe(await FindAsync(context, repository.Id, repository.Head, cancellationToken));
        if (repository.Life.IsOffered)
        {
            state.PublishedRecord = await FindAsync(context, repository.Id, repository.NewestPublished, cancellationToken);
            state.PublishedSource = repository.SourceForOthers;
        }

        return state;
    }

    /// <summary>The files at the root that say of the whole what it is.</summary>
    public static async Task<RevisionTexts> ReadTextsAsync(CatalogDbContext context, TreeReader trees, string repositoryId, ObjectId root, CancellationToken cancellationToken) => new(
        await ReadTextAsync(context, trees, repositoryId, root, CardReading.FileName, cancellationToken),
        await ReadTextAsync(context, trees, repositoryId, root, AdapterConfig.FileName, cancellationToken));

    /// <summary>The bytes of README.md at the root; null: there is none, or it is a large file.</summary>
    public static Task<byte[]?> ReadCardAsync(CatalogDbContext context, TreeReader trees, string repositoryId, ObjectId root, CancellationToken cancellationToken) =>
        ReadTextAsync(context, trees, repositoryId, root, CardReading.FileName, cancellationToken);

    private static async Task<byte[]?> ReadTextAsync(
        CatalogDbContext context, TreeReader trees, string repositoryId, ObjectId root, string name, CancellationToken cancellationToken)
    {
        if ((await trees.ReadAsync(root, cancellationToken)).Find(name) is not { IsFolder: false, Sha256: null } file)
        {
            return null;
        }

        var oid = file.Oid.Hex;
        return await context.Blobs.Where(blob => blob.RepositoryId == repositoryId && blob.Oid == oid).Select(blob => blob.Content).SingleOrDefaultAsync(cancellationToken);
    }
}

/// <summary>Files at a revision's root that say of the whole what it is; null: there is none, or it is a large file.</summary>
internal sealed record RevisionTexts(byte[]? Card, byte[]? AdapterConfig);
