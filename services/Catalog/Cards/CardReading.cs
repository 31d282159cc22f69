using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Formats.Cards;
using ModelGarden.Markdown;
using ContractIssue = ModelGarden.Contracts.V1.CardIssue;

namespace ModelGarden.Catalog.Cards;

/// <summary>What the catalog makes of a README.md: its issues in the contract's words, and the facts that it declares.</summary>
internal static class CardReading
{
    public const string FileName = "README.md";
    private const string NoText = "README.md is not UTF-8 text: save it as UTF-8";
    private const int ShownIssues = 5;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<ContractIssue> Check(string content) => ModelCard.Parse(content).Issues.Select(ToMessage);

    /// <summary>A README.md of a commit as people read it. One that is no text has an issue that says so, and nothing else.</summary>
    public static ReadCardResponse Show(byte[] content, StoredRepository repository, string commit, CancellationToken cancellationToken)
    {
        var card = Read(content) ?? new() { Issues = [new(CardSeverity.Error, 1, 1, "", NoText)] };
        var links = new RepositoryLinks(RepositoryPaths.PageOf(repository.Kind, repository.Name), commit);
        var rendered = SafeMarkdown.Render(card.Body, links, new(), cancellationToken);
        return new()
        {
            Commit = commit,
            CardJson = card.Metadata.ToJsonString(Json),
            Issues = { card.Issues.Select(ToMessage) },
            Markdown = card.Body,
            Html = rendered.Html,
            Omitted = { rendered.Omitted },
        };
    }

    /// <summary>Why a README.md cannot be committed; null: it can.</summary>
    public static Error? Fault(byte[] content)
    {
        if (Read(content) is not { } card)
        {
            return Error.Invalid("CARD_INVALID", NoText);
        }

        var errors = card.Issues.Where(issue => issue.Severity is CardSeverity.Error).ToList();
        return errors.Count is 0 ? null : Error.Invalid("CARD_INVALID", string.Join("; ", errors.Take(ShownIssues).Select(Describe))
            + (errors.Count > ShownIssues ? string.Create(CultureInfo.InvariantCulture, $"; and {errors.Count - ShownIssues} more") : ""));
    }

    /// <summary>What a README.md declares; a repository without one declares nothing.</summary>
    public static DeclaredFacts Declared(byte[]? content, string repositoryName)
    {
        var fallback = repositoryName[(repositoryName.IndexOf('/', StringComparison.Ordinal) + 1)..];
        if (content is null || Read(content) is not { } card)
        {
            return new() { Title = fallback };
        }

        return new()
        {
            Title = Heading(card.Body) ?? card.ModelName ?? fallback,
            Summary = card.Summary,
            Task = card.PipelineTag ?? "",
            TaskCategories = { card.TaskCategories },
            Library = card.LibraryName ?? "",
            Licenses = { card.Licenses.Select(license => license.ToLowerInvariant()) },
            LicenseName = card.LicenseName ?? "",
            LicenseLink = card.LicenseLink ?? "",
            Languages = { card.Languages },
            // As the protocol filters by them.
            Tags = { card.Tags.Concat(card.SizeCategories.Select(size => $"size_categories:{size}")) },
            BaseModels = { card.BaseModels },
            BaseModelRelation = card.BaseModelRelation ?? "",
            Datasets = { card.Datasets },
            CardJson = card.Metadata.ToJsonString(Json),
        };
    }

    /// <summary>What a README.md asks of who wants access; without one, or where it asks nothing: nothing.</summary>
    public static Contracts.V1.AccessForm FormOf(byte[]? content) => content is null || Read(content)?.AccessForm is not { } form ? new() : new()
    {
        Heading = form.Heading ?? "",
        Prompt = form.Prompt ?? "",
        Description = form.Description ?? "",
        ButtonContent = form.ButtonContent ?? "",
        Fields = { form.Fields.Select(ToMessage) },
    };

    private static ContractIssue ToMessage(Formats.Cards.CardIssue issue) => new()
    {
        Severity = issue.Severity is CardSeverity.Error ? "error" : "warning",
        Line = issue.Line,
        Column = issue.Column,
        Field = issue.Field,
        Message = issue.Message,
    };

    private static Contracts.V1.AccessField ToMessage(Formats.Cards.AccessField field) => new()
    {
        Name = field.Name,
        Type = field.Type,
        Options = { field.Options.Select(option => new Contracts.V1.AccessOption { Label = option.Label, Value = option.Value }) },
    };

    private static ModelCard? Read(byte[] content)
    {
        try
        {
            return ModelCard.Parse(Strict.GetString(content));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string Describe(Formats.Cards.CardIssue issue) => string.Create(
        CultureInfo.InvariantCulture, $"README.md line {issue.Line}{(issue.Field.Length > 0 ? $", field {issue.Field}" : "")}: {issue.Message}");

    /// <summary>The first heading of the first level, outside code.</summary>
    private static string? Heading(string body)
    {
        const int Longest = 200;
        var isCode = false;
        foreach (var line in body.AsSpan().EnumerateLines())
        {
            isCode ^= line.StartsWith("```");
            if (!isCode && line.StartsWith("# ") && line[2..].Trim().TrimEnd('#').Trim() is { Length: > 0 } heading)
            {
                return Text.Shorten(heading.ToString(), Longest);
            }
        }

        return null;
    }
}
