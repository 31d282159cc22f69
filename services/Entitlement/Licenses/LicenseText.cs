using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Licenses;

/// <summary>A licence's wording and what it asks for, checked, with the digest that names it.</summary>
internal sealed record LicenseText(string Title, string Text, bool RequiresAcceptance)
{
    private const int MaximumLength = 262_144;
    private const int LongestGrace = 366;

    public string Sha256 { get; } = Sha256Digest.Of(Encoding.UTF8.GetBytes(Text)).Hex;

    /// <summary>Null: as they stand.</summary>
    public Obligations? Obligations { get; init; }

    /// <summary>For how many days the text before still counts.</summary>
    public int GraceDays { get; init; }

    public bool RequiresContract { get; init; }

    public static Result<LicenseText> Create(PutLicenseRequest request)
    {
        if ((request.Obligations is null ? null : ObligationRules.Fault(request.Obligations)) is { } fault)
        {
            return fault;
        }

        if (request.GraceDays is < 0 or > LongestGrace)
        {
            return Error.Invalid("BAD_GRACE", $"grace_days is {request.GraceDays}: 0 to {LongestGrace} are expected");
        }

        var text = Create(request.Title, request.Text, request.RequiresAcceptance);
        return text.Error is not null ? text : text.Value with { Obligations = request.Obligations, GraceDays = request.GraceDays, RequiresContract = request.RequiresContract };
    }

    public static Result<LicenseText> Create(string title, string text, bool requiresAcceptance)
    {
        if (Kernel.Text.Refusal("title", title, 1, 200) is { } refusal)
        {
            return refusal;
        }

        if (text.Length is 0 or > MaximumLength)
        {
            return Error.Invalid("BAD_TEXT", $"text has {text.Length} characters: 1 to {MaximumLength} are expected");
        }

        return text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t' or '\f'))
            ? Error.Invalid("BAD_TEXT", "text has a control character: plain text with line breaks and tabs is expected")
            : new LicenseText(title, text, requiresAcceptance);
    }
}
