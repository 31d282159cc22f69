using Google.Protobuf.Collections;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using Enum = System.Enum;

namespace ModelGarden.Entitlement.Licenses;

/// <summary>What obligations may say.</summary>
internal static class ObligationRules
{
    private const int MostUses = 64;
    private const int MostRegions = 249;

    /// <summary>The first thing wrong with them; null: nothing.</summary>
    public static Error? Fault(Obligations obligations) => obligations switch
    {
        _ when !Enum.IsDefined(obligations.CommercialUse) => Bad("commercial_use", "is none of the permissions"),
        _ when !Enum.IsDefined(obligations.Derivatives) => Bad("derivatives", "is none of the permissions"),
        _ when !Enum.IsDefined(obligations.ShareAlike) => Bad("share_alike", "is none of its values"),
        { MonthlyUserLimit: < 0 } => Bad("monthly_user_limit", "is negative"),
        { RevenueLimit: { } amount } when amount.Units <= 0 || !IsCode(amount.Currency, 3) => Bad("revenue_limit", "needs units above 0 and a currency of three capital letters, such as USD"),
        _ => UsesFault("forbidden_uses", obligations.ForbiddenUses) ?? UsesFault("permitted_uses", obligations.PermittedUses)
            ?? RegionsFault("excluded_regions", obligations.ExcludedRegions) ?? RegionsFault("permitted_regions", obligations.PermittedRegions)
            ?? Text.Refusal("obligations.notice", obligations.Notice, 0, 200) ?? Text.Refusal("obligations.derivative_name_prefix", obligations.DerivativeNamePrefix, 0, 64)
            ?? Text.Refusal("obligations.export_control", obligations.ExportControl, 0, 32),
    };

    private static Error? UsesFault(string field, RepeatedField<string> uses) => uses.Count > MostUses
        ? Bad(field, $"has {uses.Count} lines, at most {MostUses} are kept")
        : uses.Select(use => Text.Refusal($"obligations.{field}", use, 1, 200)).FirstOrDefault(refusal => refusal is not null);

    private static Error? RegionsFault(string field, RepeatedField<string> regions) => regions.Count > MostRegions || regions.Any(region => !IsCode(region, 2)) || regions.Distinct().Count() != regions.Count
        ? Bad(field, "names countries, each once, by two capital letters such as DE")
        : null;

    private static bool IsCode(string text, int length) => text.Length == length && text.All(char.IsAsciiLetterUpper);

    private static Error Bad(string field, string why) => Error.Invalid("BAD_OBLIGATIONS", $"obligations.{field} {why}");
}
