using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ModelGarden.Cli.Garden;

namespace ModelGarden.Cli.Commands;

/// <summary>Arguments and options that are checked while the command line is read, so that a wrong one is wrong usage and nothing is asked.</summary>
internal static class Parsed
{
    public static Argument<ModelReference> Model() => Argument("NAME[@REV]", "The model, as namespace/name; @ a branch, tag or commit of it", ModelReference.Create);

    public static Argument<EndpointName> Endpoint() => Argument("ENDPOINT", "The endpoint's name", EndpointName.Create);

    public static Argument<T> Argument<T>(string name, string description, Func<string?, Result<T>> create)
        where T : notnull => new(name) { Description = description, HelpName = name, CustomParser = result => Take(result, create) };

    public static Option<T> Required<T>(string name, string value, string description, Func<string?, Result<T>> create)
        where T : notnull => new(name) { Description = description, HelpName = value, Required = true, CustomParser = result => Take(result, create) };

    public static Option<T?> Optional<T>(string name, string value, string description, Func<string?, Result<T>> create)
        where T : struct => new(name) { Description = description, HelpName = value, CustomParser = result => Take(result, create) };

    public static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value };

    public static Option<string[]> Texts(string name, string value, string description) =>
        new(name) { Description = $"{description}; may be given several times", HelpName = value, DefaultValueFactory = _ => [] };

    public static Option<int?> Number(string name, string description, int minimum, int maximum) =>
        Optional(name, "N", description, text => ToNumber(text, minimum, maximum));

    /// <summary>One of an enum's values, as <see cref="Words"/> has them.</summary>
    public static Argument<T> Word<T>(string name, string description)
        where T : struct, Enum
    {
        var argument = new Argument<T>(name) { Description = description, HelpName = name, CustomParser = result => Words.Parse<T>(result.Tokens[^1].Value) };
        argument.AcceptOnlyFromAmong([.. Words.All<T>()]);
        return argument;
    }

    /// <inheritdoc cref="Word{T}"/>
    public static Option<T> WordOption<T>(string name, string value, string description, bool required = false)
        where T : struct, Enum
    {
        var option = new Option<T>(name) { Description = description, HelpName = value, Required = required, CustomParser = result => Words.Parse<T>(result.Tokens[^1].Value) };
        option.AcceptOnlyFromAmong([.. Words.All<T>()]);
        return option;
    }

    /// <inheritdoc cref="Word{T}"/>
    public static Option<T[]> WordOptions<T>(string name, string value, string description)
        where T : struct, Enum
    {
        var option = new Option<T[]>(name)
        {
            Description = $"{description}; may be given several times",
            HelpName = value,
            DefaultValueFactory = _ => [],
            CustomParser = result => [.. result.Tokens.Select(token => Words.Parse<T>(token.Value))],
        };
        option.AcceptOnlyFromAmong([.. Words.All<T>()]);
        return option;
    }

    public static Option<DateTimeOffset?> Day(string name, string description) => Optional(name, "DAY", description, ToDay);

    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Do not ask" };

    private static Result<DateTimeOffset> ToDay(string? text) =>
        DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day)
            ? day
            : Error.Invalid("BAD_TIME", $"'{Kernel.Text.Shorten(text)}' is no time: a day such as 2027-01-31 is expected");

    private static Result<int> ToNumber(string? text, int minimum, int maximum) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum
            ? number
            : Error.Invalid("BAD_NUMBER", $"'{Kernel.Text.Shorten(text)}' is not a number from {minimum} to {maximum}");

    private static T? Take<T>(ArgumentResult result, Func<string?, Result<T>> create)
        where T : notnull
    {
        if (result.Tokens.Count is 0)
        {
            return default;
        }

        var created = create(result.Tokens[^1].Value);
        if (created.Error is { } error)
        {
            result.AddError(error.Message);
            return default;
        }

        return created.Value;
    }
}
