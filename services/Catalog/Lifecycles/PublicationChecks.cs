using System.Globalization;
using ModelGarden.Catalog.Cards;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Formats.Known;

namespace ModelGarden.Catalog.Lifecycles;

/// <summary>What must hold of a revision before others may see it.</summary>
internal static class PublicationChecks
{
    private const int ShownFiles = 10;

    /// <summary>Everything that is missing, in people's words.</summary>
    public static async Task<IReadOnlyList<string>> MissingAsync(
        CatalogDbContext context, StoredRepository repository, FileReading.Root root, CancellationToken cancellationToken)
    {
        var files = await RecordKeeper.MeasureAsync(context, root.Trees, repository, root.Tree, cancellationToken);
        var card = await RecordKeeper.ReadCardAsync(context, root.Trees, repository.Id, root.Tree, cancellationToken);
        return [.. OfFiles(files), .. OfCard(card, repository.Name)];
    }

    private static IEnumerable<string> OfFiles(IReadOnlyList<MeasuredFile> files)
    {
        var unclean = files.Where(file => file.Verdict is not Verdict.Clean).OrderBy(file => file.Path, StringComparer.Ordinal).ToList();
        foreach (var file in unclean.Take(ShownFiles))
        {
            yield return file.Verdict is Verdict.Pending or Verdict.Unspecified
                ? $"'{file.Path}' has not been examined yet"
                : $"'{file.Path}' was found {file.Verdict.ToString().ToLowerInvariant()}{(file.Finding is { } finding ? $": {Text.Shorten(finding.Message, 200)}" : "")}";
        }

        if (unclean.Count > ShownFiles)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{unclean.Count - ShownFiles} more files are not clean");
        }
    }

    private static IEnumerable<string> OfCard(byte[]? content, string name)
    {
        if (content is null)
        {
            yield return "there is no README.md with a card";
            yield break;
        }

        if (CardReading.Fault(content) is { } fault)
        {
            yield return fault.Message;
            yield break;
        }

        var declared = CardReading.Declared(content, name);
        if (!declared.Licenses.Any(license => license is not "unknown" && KnownLicenses.Find(license) is not null))
        {
            yield return "README.md declares no known licence: set 'license' in its front matter";
        }
        else if (declared.Licenses.Contains("other") && declared.LicenseName.Length is 0)
        {
            yield return "README.md declares the licence 'other' without a 'license_name'";
        }
    }
}
