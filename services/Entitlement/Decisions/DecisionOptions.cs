using System.ComponentModel.DataAnnotations;

namespace ModelGarden.Entitlement.Decisions;

/// <summary>Section <c>Garden:Entitlement:Decisions</c>: how decisions are kept, for trying policies on them.</summary>
internal sealed class DecisionOptions
{
    public const string Section = "Garden:Entitlement:Decisions";

    /// <summary>For so many days before today.</summary>
    [Range(1, 366)]
    public int Days { get; set; } = 30;

    /// <summary>So many different ones of a tenant on a day; others are counted alone.</summary>
    [Range(100, 10_000_000)]
    public int PerTenantAndDay { get; set; } = 100_000;
}
