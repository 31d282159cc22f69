using System.Diagnostics.CodeAnalysis;
using ModelGarden.Kernel;

namespace ModelGarden.Rights.Licenses;

/// <summary>The id of a licence: 1 to 64 letters, digits, <c>.</c>, <c>-</c> and <c>+</c>, the SPDX id where there is one; kept in lower case.</summary>
public readonly record struct LicenseId : IParsableId<LicenseId>
{
    private const int MaximumLength = 64;
    private readonly string? _value;

    private LicenseId(string value) => _value = value;

    public string Value => _value ?? throw new InvalidOperationException("default licence id");

    [SuppressMessage("Globalization", "CA1308", Justification = "licence ids are lower case by contract")]
    public static Result<LicenseId> Create(string? text) => text is { Length: > 0 and <= MaximumLength }
        && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+')
        ? new LicenseId(text.ToLowerInvariant())
        : Error.Invalid("BAD_LICENSE_ID", $"'{Text.Shorten(text)}' is not a licence id: 1 to {MaximumLength} letters, digits, '.', '-' or '+', beginning with a letter or digit");

    public override string ToString() => _value ?? "";
}
