using Microsoft.Extensions.Options;

namespace ModelGarden.Catalog.Lifecycles;

/// <summary>Section <c>Garden:Curation</c>: what is required of a revision before others may see it, by where its repository comes from.</summary>
internal sealed class CurationOptions
{
    public const string Section = "Garden:Curation";

    public CurationRules FirstParty { get; set; } = new();

    public CurationRules Partner { get; set; } = new();

    /// <summary>What was copied is only worth what it was copied from: it says from where, and which revision.</summary>
    public CurationRules Mirrored { get; set; } = new() { Checks = $"{CurationRules.Usual}, origin-pinned" };

    public CurationRules Of(SourceKind source) => source switch
    {
        SourceKind.Partner => Partner,
        SourceKind.Mirrored => Mirrored,
        _ => FirstParty,
    };

    public IEnumerable<string> Faults() =>
        FirstParty.Faults($"{Section}:{nameof(FirstParty)}").Concat(Partner.Faults($"{Section}:{nameof(Partner)}")).Concat(Mirrored.Faults($"{Section}:{nameof(Mirrored)}"));
}

/// <summary>What is required of repositories from one kind of source.</summary>
internal sealed class CurationRules
{
    public const string Usual = "scan-clean, card-valid, license-known";
    private const int MostApprovals = 10;

    /// <summary>Names of checks (<see cref="PublicationCheckList"/>) with commas or spaces between them.</summary>
    public string Checks { get; set; } = Usual;

    /// <summary>How many curators approve of a revision before it can be published.</summary>
    public int Approvals { get; set; } = 1;

    /// <summary>Whom the rule binds that one does not approve of what he has submitted.</summary>
    public FourEyes FourEyes { get; set; } = FourEyes.Curators;

    /// <summary>The checks in the order of the setting.</summary>
    public IEnumerable<PublicationCheck> Required => Names.Select(name => PublicationCheckList.Find(name)!);

    private IEnumerable<string> Names => Checks.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct();

    public IEnumerable<string> Faults(string section)
    {
        var known = string.Join(", ", PublicationCheckList.All.Select(check => check.Name));
        foreach (var name in Names.Where(name => PublicationCheckList.Find(name) is null))
        {
            yield return $"{section}:Checks names '{Text.Shorten(name)}', which is no check: there are {known}";
        }

        if (!Names.Any())
        {
            yield return $"{section}:Checks is empty: at least one is expected of {known}";
        }

        if (Approvals is < 1 or > MostApprovals)
        {
            yield return $"{section}:Approvals is {Approvals}: 1 to {MostApprovals} is expected";
        }

        if (!Enum.IsDefined(FourEyes))
        {
            yield return $"{section}:FourEyes is {FourEyes:d}: {string.Join(", ", Enum.GetNames<FourEyes>())} are expected";
        }
    }
}

/// <summary>Whom the rule of four eyes binds.</summary>
internal enum FourEyes
{
    /// <summary>Everyone but operators, who may run a garden alone, and services.</summary>
    Curators,

    /// <summary>Operators and services too.</summary>
    Everyone,

    /// <summary>Nobody.</summary>
    Nobody,
}

internal sealed class CurationOptionsValidator : IValidateOptions<CurationOptions>
{
    public ValidateOptionsResult Validate(string? name, CurationOptions options) =>
        options.Faults().ToList() is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
}
