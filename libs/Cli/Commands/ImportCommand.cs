using System.CommandLine;
using System.Text.Json.Nodes;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Settings;
using ModelGarden.Cli.Transfers;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary>
/// <c>garden models import</c> and <c>garden datasets import</c>: what was made elsewhere comes in, from a folder or from another garden, with where it is from and the digests of its files there in its record. Of another garden's the
/// revision is pinned. Every file here is what it is there, or it is said which is not.
/// </summary>
internal static class ImportCommand
{
    private const string Branch = "main";

    public static Command Build(App app, KindWords words)
    {
        var source = new Argument<string>("SOURCE") { Description = $"A folder, or a {words.Noun} of another garden such as {words.Address}@v1; its token is GARDEN_SOURCE_TOKEN, else that of the last login there" };
        var name = Parsed.Required("--name", "NAMESPACE/NAME", $"The {words.Noun} here; made if it is not there", RepositoryName.Create);
        var kind = Parsed.Text("--kind", "KIND", "Whose it is: mirrored (if not given), partner or first-party");
        kind.AcceptOnlyFromAmong("mirrored", "partner", "first-party");
        var origin = Parsed.Text("--origin", "ADDRESS", "Where a folder's files are from");
        var revision = Parsed.Text("--origin-revision", "REVISION", "The revision there that they are of");
        var hidden = new Option<bool>("--private") { Description = "If it is made: for your own tenant only, for ever" };
        return app.Handle(
            new("import", $"Take a {words.Noun} in that was made elsewhere, with where it is from") { source, name, kind, origin, revision, hidden },
            async (session, parsed, cancellationToken) =>
            {
                var from = parsed.GetRequiredValue(source);
                var import = new Import(session, new(parsed.GetValue(name), "") { Kind = words.Kind }, parsed.GetValue(hidden));
                var wanted = new Source
                {
                    Kind = KindOf(parsed.GetValue(kind)),
                    Origin = parsed.GetValue(origin) ?? "",
                    OriginRevision = parsed.GetValue(revision) ?? "",
                };
                Show(session, words, await (from.Contains("://", StringComparison.Ordinal)
                    ? import.FromGardenAsync(AddressOf(from, words.Kind, wanted), wanted, cancellationToken)
                    : import.FromFolderAsync(Path.GetFullPath(from, session.Terminal.Folder), wanted, cancellationToken)));
            });
    }

    private static SourceKind KindOf(string? kind) => kind switch
    {
        "partner" => SourceKind.Partner,
        "first-party" => SourceKind.FirstParty,
        _ => SourceKind.Mirrored,
    };

    private static ModelAddress AddressOf(string from, Contracts.V1.RepositoryKind kind, Source wanted)
    {
        if (wanted.Origin.Length > 0 || wanted.OriginRevision.Length > 0)
        {
            throw new UsageException("--origin and --origin-revision are a folder's: what another garden has brings its own");
        }

        var address = ModelAddress.Create(from, kind);
        return address.Error is { } error ? throw new UsageException(error.Message) : address.Value;
    }

    private static void Show(Session session, KindWords words, Imported imported)
    {
        var (model, publication, origin) = (imported.Model, imported.Publication, imported.Origin);
        if (session.Out.IsJson)
        {
            session.Out.Json(new JsonObject
            {
                ["name"] = model.Value,
                ["commit"] = publication.Commit,
                ["record"] = origin.Record.Number,
                ["source"] = Output.Printer.ToNode(origin.Record.Source),
                ["sent"] = publication.Sent,
                ["present"] = publication.Present,
            });
            return;
        }

        session.Out.Facts(
            (words.Noun, model.Value),
            ("commit", publication.Commit),
            ("files", $"{publication.Sent} sent, {publication.Present} as they were"),
            ("source", ShowCommand.SourceOf(origin.Record.Source)),
            ($"of the {words.Noun}'s files", OriginCommand.CountsOf(origin)));
    }

    private sealed record Imported(RepositoryName Model, Publication Publication, GetOriginResponse Origin);

    private sealed class Import(Session session, ModelReference model, bool hidden)
    {
        public async Task<Imported> FromFolderAsync(string folder, Source source, CancellationToken cancellationToken)
        {
            var publication = await PublishAsync(FolderReader.Read(folder), source.Origin.Length > 0 ? source.Origin : Path.GetFileName(folder), cancellationToken);
            return await KeepAsync(publication, source, publication.Files.Select(OriginOf), cancellationToken);
        }

        public async Task<Imported> FromGardenAsync(ModelAddress address, Source source, CancellationToken cancellationToken)
        {
            using var other = session.From(address.Garden);
            var pinned = await PinAsync(other, address.Model, cancellationToken);
            // Of the commit, so that the same import goes on where it was broken off, and another one does not meet its files.
            using var folder = CacheFolder.Take(session.Terminal, "import", pinned);
            var fetched = await new ModelDownload(other, address.Model with { Revision = pinned }, folder.Path).RunAsync([], cancellationToken);
            var files = fetched.Files.Select(file => new LocalFile(file.Path, Path.Combine(folder.Path, file.Path), file.Size)).ToList();
            var publication = await PublishAsync(files, $"{address.Page} at {pinned}", cancellationToken);
            (source.Origin, source.OriginRevision) = (address.Page, pinned);
            var imported = await KeepAsync(publication, source, fetched.Files.Select(OriginOf), cancellationToken);
            folder.Delete();
            return imported;
        }

        // The other garden is a stranger, and the commit is to be a folder's name here.
        private static async Task<string> PinAsync(Session other, ModelReference model, CancellationToken cancellationToken)
        {
            var commit = (await other.Garden.ResolveRevisionAsync(model, cancellationToken)).Commit;
            return commit.Length is 0
                ? throw new ErrorException(Error.NotFound("NO_FILES", $"{model} has no files"))
                : ObjectId.Create(commit).OrThrow().Hex;
        }

        private async Task<Publication> PublishAsync(IReadOnlyList<LocalFile> files, string from, CancellationToken cancellationToken)
        {
            var repository = await PublishCommand.FindOrMakeAsync(session, model, hidden, cancellationToken);
            return await new FolderPublishing(session, model, Branch) { TakesIgnored = true }.RunAsync(files, repository.Head, $"Import {from}", cancellationToken);
        }

        /// <summary>Only once its files are here, and are the same, is it said where they are from: the garden holds each against its own.</summary>
        private async Task<Imported> KeepAsync(Publication publication, Source source, IEnumerable<OriginFile> theirs, CancellationToken cancellationToken)
        {
            var record = await session.Garden.RecordOriginAsync(model with { Revision = publication.Commit }, source, theirs, cancellationToken);
            var origin = await session.Garden.GetOriginAsync(
                new() { Name = model.Name.Value, Kind = model.Kind, Revision = publication.Commit, Number = record.Number, PageSize = 1 }, cancellationToken);
            return new(model.Name, publication, origin);
        }

        private static OriginFile OriginOf(CommitFile file) => new() { Path = file.File.Path, Size = file.File.Size, Sha256 = file.Sha256 ?? "", Oid = file.Oid ?? "" };

        private static OriginFile OriginOf(TreeEntry file) => new() { Path = file.Path, Size = file.Size, Sha256 = file.Sha256, Oid = file.Oid };
    }
}
