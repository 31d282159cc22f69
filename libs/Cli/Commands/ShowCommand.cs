using System.CommandLine;
using System.Text.Json.Nodes;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden models show</c>: everything about one revision, each fact under who says so.</summary>
internal static class ShowCommand
{
    private const int MostFilesShown = 100;

    public static Command Build(App app)
    {
        var model = Parsed.Model();
        return app.Handle(
            new("show", "Everything about a model: facts declared and measured, licences, files, life") { model },
            async (session, parsed, cancellationToken) => Show(session, await ReadAsync(session, parsed.GetValue(model), cancellationToken)));
    }

    private static async Task<Shown> ReadAsync(Session session, ModelReference model, CancellationToken cancellationToken)
    {
        var resolved = await session.Garden.ResolveRevisionAsync(model, cancellationToken);
        var steps = StepsAsync(session, model.Name, cancellationToken);
        var licenses = LicenseStanding.ReadAsync(session.Garden, resolved.Record?.Declared?.Licenses ?? [], cancellationToken);
        var files = resolved.Commit.Length > 0 ? await session.Garden.ListFilesAsync(model with { Revision = resolved.Commit }, cancellationToken) : [];
        return new(resolved, files, await licenses, await steps);
    }

    // Only its owner's people and curators may know the steps; for all others there are none.
    private static async Task<IReadOnlyList<LifecycleStep>> StepsAsync(Session session, RepositoryName name, CancellationToken cancellationToken)
    {
        try
        {
            return session.Transport.HasToken ? (await session.Garden.ListLifecycleAsync(name, cancellationToken)).Steps : [];
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.PermissionDenied or ErrorCode.Unauthenticated or ErrorCode.NotFound)
        {
            return [];
        }
    }

    private static void Show(Session session, Shown shown)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(ToJson(shown));
            return;
        }

        ShowFacts(session.Out, shown);
        ShowMeasured(session.Out, shown.Resolved.Record?.Measured);
        ShowContradictions(session.Out, shown.Resolved.Record);
        ShowLicenses(session.Out, shown.Licenses);
        ShowFiles(session.Out, shown.Files);
        ShowSteps(session.Out, shown.Steps);
    }

    private static void ShowFacts(Printer printer, Shown shown)
    {
        var (repository, declared) = (shown.Resolved.Repository, shown.Resolved.Record?.Declared);
        printer.Facts(
            ("model", repository.Name),
            ("state", Tones.Of(repository.Lifecycle)),
            ("successor", repository.Successor),
            ("retires at", Plain.Time(repository.RetiresAt)),
            ("visibility", Plain.Name(repository.Visibility)),
            ("source", SourceOf(repository.Source)),
            ("commit", shown.Resolved.Commit),
            ("committed at", Plain.Time(shown.Resolved.CommittedAt)),
            ("downloads", Plain.Number(repository.Downloads)));
        Heading(printer, "declared by its card");
        printer.Facts(
            ("title", declared?.Title ?? ""),
            ("summary", declared?.Summary ?? ""),
            ("task", declared?.Task ?? ""),
            ("library", declared?.Library ?? ""),
            ("languages", string.Join(", ", declared?.Languages ?? [])),
            ("tags", string.Join(", ", declared?.Tags ?? [])),
            ("base models", string.Join(", ", declared?.BaseModels ?? [])),
            ("relation", declared?.BaseModelRelation ?? ""),
            ("data sets", string.Join(", ", declared?.Datasets ?? [])));
    }

    private static void ShowMeasured(Printer printer, MeasuredFacts? measured)
    {
        if (measured is null)
        {
            return;
        }

        Heading(printer, "measured in its files");
        printer.Facts(
            ("verdict", Tones.Of(measured.Verdict)),
            ("parameters", measured.HasParameters ? $"{Plain.Count(measured.Parameters)} ({string.Join(", ", measured.ParametersByType.Select(type => $"{type.Key}: {Plain.Count(type.Value)}"))})" : ""),
            ("architecture", measured.Architecture),
            ("context length", measured.HasContextLength ? Plain.Number(measured.ContextLength) : ""),
            ("formats", string.Join(", ", measured.Formats)),
            ("quantizations", string.Join(", ", measured.Quantizations)),
            ("tokenizer", measured.Tokenizer ? measured.HasVocabularySize ? $"yes, {Plain.Number(measured.VocabularySize)} tokens" : "yes" : ""),
            ("chat template", measured.ChatTemplate ? "yes" : ""),
            ("own code", measured.NeedsRemoteCode ? "yes: loading it runs Python of the repository's own" : ""),
            ("operators", measured.HasOpset ? $"ONNX opset {measured.Opset}" : ""),
            ("inputs", PortsOf(measured.Inputs)),
            ("outputs", PortsOf(measured.Outputs)),
            ("size", $"{Plain.Size(measured.Size)} in {measured.FileCount} {(measured.FileCount is 1 ? "file" : "files")}"));
    }

    private static string PortsOf(IEnumerable<TensorPort> ports) =>
        string.Join(", ", ports.Select(port => $"{port.Name}: {port.Type}[{string.Join(", ", port.Shape.Select(size => size < 0 ? "?" : Plain.Number(size)))}]"));

    private static void ShowContradictions(Printer printer, ModelRecord? record)
    {
        if (record is { Contradictions.Count: > 0 })
        {
            Heading(printer, "what does not agree");
            foreach (var contradiction in record.Contradictions)
            {
                printer.Line(contradiction);
            }
        }
    }

    private static void ShowLicenses(Printer printer, IReadOnlyList<LicenseStanding> licenses)
    {
        Heading(printer, "licences");
        foreach (var license in licenses)
        {
            printer.Line($"{license.Id}: {license.Words}");
        }

        if (licenses.Count is 0)
        {
            printer.Line("none declared");
        }
    }

    private static void ShowFiles(Printer printer, IReadOnlyList<TreeEntry> files)
    {
        Heading(printer, "files");
        if (files.Count > 0)
        {
            printer.Table(["path", "size", "sha256"], [.. files.Take(MostFilesShown).Select(file => new Cell[] { file.Path, Plain.Size(file.Size), new(file.Sha256, Tone.Dim) })]);
        }

        if (files.Count > MostFilesShown)
        {
            printer.Note($"and {files.Count - MostFilesShown} more: all with --json");
        }
    }

    private static void ShowSteps(Printer printer, IReadOnlyList<LifecycleStep> steps)
    {
        if (steps.Count > 0)
        {
            Heading(printer, "life");
            printer.Table(
                ["at", "step", "state", "by", "revision", "comment"],
                [.. steps.Select(step => new Cell[] { Plain.Time(step.At), Plain.Name(step.Action), Tones.Of(step.State), step.Account, Plain.ShortCommit(step.Revision), step.Comment })]);
        }
    }

    private static void Heading(Printer printer, string text)
    {
        printer.Line();
        printer.Line(text.ToUpperInvariant());
    }

    public static string SourceOf(Source? source) => source switch
    {
        null => "",
        { Origin.Length: > 0 } => $"{Plain.Name(source.Kind)}: {source.Origin} at {Plain.ShortCommit(source.OriginRevision)}",
        _ => Plain.Name(source.Kind),
    };

    private static JsonObject ToJson(Shown shown) => new()
    {
        ["repository"] = Printer.ToNode(shown.Resolved.Repository),
        ["commit"] = shown.Resolved.Commit,
        ["record"] = shown.Resolved.Record is null ? null : Printer.ToNode(shown.Resolved.Record),
        ["licenses"] = new JsonArray([.. shown.Licenses.Select(license => license.ToJson())]),
        ["files"] = new JsonArray([.. shown.Files.Select(Printer.ToNode)]),
        ["steps"] = new JsonArray([.. shown.Steps.Select(Printer.ToNode)]),
    };

    private sealed record Shown(ResolveRevisionResponse Resolved, IReadOnlyList<TreeEntry> Files, IReadOnlyList<LicenseStanding> Licenses, IReadOnlyList<LifecycleStep> Steps);
}
