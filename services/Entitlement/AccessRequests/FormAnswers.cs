using System.Globalization;
using System.Text.Json;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.AccessRequests;

/// <summary>What somebody answers to the form of a gated repository: every field that he is asked, and nothing else.</summary>
internal static class FormAnswers
{
    private const int Longest = 1000;

    // Where a caller is would be measured, not claimed; nothing here measures it.
    private const string Measured = "ip_location";

    /// <summary>As they are kept.</summary>
    public static Result<string> Read(AccessForm? form, IDictionary<string, string> answers)
    {
        var fields = form?.Fields.DistinctBy(field => field.Name).ToDictionary(field => field.Name, StringComparer.Ordinal) ?? [];
        if (answers.Keys.FirstOrDefault(name => !fields.TryGetValue(name, out var field) || field.Type is Measured) is { } unknown)
        {
            return Error.Invalid("UNKNOWN_FIELD", $"'{Text.Shorten(unknown)}' is no field that is asked here{(Asked(fields.Values) is { Length: > 0 } asked ? $": {asked} are" : ": none is")}");
        }

        return fields.Values.Where(field => field.Type is not Measured).Select(field => Fault(field, answers.TryGetValue(field.Name, out var answer) ? answer : "")).FirstOrDefault(fault => fault is not null) is { } error
            ? error
            : JsonSerializer.Serialize(new SortedDictionary<string, string>(answers, StringComparer.Ordinal));
    }

    private static Error? Fault(AccessField field, string answer) => answer.Length is 0
        ? Error.Invalid("FIELD_MISSING", $"the field '{Text.Shorten(field.Name)}' ({field.Type}) is to be answered")
        : Text.Refusal($"the field '{Text.Shorten(field.Name)}'", answer, 1, Longest) ?? (What(field, answer) is { } expected
            ? Error.Invalid("BAD_FIELD", $"the field '{Text.Shorten(field.Name)}' is '{Text.Shorten(answer)}': {expected} is expected")
            : null);

    /// <summary>What the answer should be; null: it is.</summary>
    private static string? What(AccessField field, string answer) => field.Type switch
    {
        "checkbox" => answer is "true" ? null : "'true', as a box that is ticked,",
        "date_picker" => DateOnly.TryParseExact(answer, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? null : "a date such as 2026-11-22",
        "country" => answer is [>= 'A' and <= 'Z', >= 'A' and <= 'Z'] ? null : "a country's two letters, such as DE,",
        "select" => field.Options.Any(option => option.Value == answer) ? null : $"one of {Text.Shorten(string.Join(", ", field.Options.Select(option => option.Value)), 300)}",
        _ => null,
    };

    private static string Asked(IEnumerable<AccessField> fields) => Text.Shorten(string.Join(", ", fields.Where(field => field.Type is not Measured).Select(field => field.Name)), 300);
}
