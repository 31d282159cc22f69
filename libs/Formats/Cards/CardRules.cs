using ModelGarden.Formats.Known;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Cards;

/// <summary>What the Hub expects of a card's values beyond their types.</summary>
internal static class CardRules
{
    private static readonly string[] Relations = ["adapter", "merge", "quantized", "finetune"];

    public static void Check(ModelCard card, CardFields fields)
    {
        CheckLicense(card, fields);
        if (card.PipelineTag is { } task && PipelineTags.Find(task) is null)
        {
            fields.Warn("pipeline_tag", $"'{Text.Shorten(task)}' is no known task");
        }

        if (card.BaseModelRelation is { } relation && !Relations.Contains(relation))
        {
            fields.Error("base_model_relation", $"'{Text.Shorten(relation)}' is none of {string.Join(", ", Relations)}");
        }

        if (card.NewVersion is { } successor && RepositoryName.Create(successor).Error is not null)
        {
            fields.Error("new_version", $"'{Text.Shorten(successor)}' is not the name of a repository: 'namespace/name' is expected");
        }

        foreach (var model in card.BaseModels.Where(model => RepositoryName.Create(model).Error is not null))
        {
            fields.Warn("base_model", $"'{Text.Shorten(model)}' is not the name of a repository: 'namespace/name' is expected");
        }

        foreach (var language in card.Languages.Where(language => !IsLanguage(language)))
        {
            fields.Warn(fields.Has("language") ? "language" : "languages", $"'{Text.Shorten(language)}' is no language code such as 'en' or 'pt-BR'");
        }
    }

    private static void CheckLicense(ModelCard card, CardFields fields)
    {
        foreach (var license in card.Licenses.Where(license => KnownLicenses.Find(license) is null))
        {
            fields.Warn("license", $"'{Text.Shorten(license)}' is no known licence id: use 'other' with license_name and license_link");
        }

        if (card.Licenses.Contains("other") && card.LicenseName is null)
        {
            fields.Warn("license", "a licence 'other' needs license_name, and license_link or a LICENSE file");
        }
    }

    private static bool IsLanguage(string text)
    {
        var parts = text.Split('-', '_');
        return text is "multilingual" or "code" || (parts[0] is { Length: 2 or 3 } && parts.All(part => part.Length is >= 2 and <= 8 && part.All(char.IsAsciiLetterOrDigit)));
    }
}
