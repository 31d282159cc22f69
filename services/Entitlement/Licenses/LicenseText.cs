using System.Text;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Licenses;

/// <summary>A licence's wording, checked, with the digest that names it.</summary>
internal sealed record LicenseText(string Title, string Text, bool RequiresAcceptance)
{
    private const int MaximumLength = 262_144;

    public string Sha256 { get; } = Sha256Digest.Of(Encoding.UTF8.GetBytes(Text)).Hex;

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
