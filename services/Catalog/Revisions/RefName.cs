using System.Globalization;
using System.Text;

namespace ModelGarden.Catalog.Revisions;

/// <summary>The full name of a branch or tag, under git's rules (<see href="https://git-scm.com/docs/git-check-ref-format"/>) and never looking like a commit id.</summary>
internal readonly record struct RefName
{
    public const string Heads = "refs/heads/";
    public const string Tags = "refs/tags/";
    public const string PullRequests = "refs/pr/";
    public const string Default = "refs/heads/main";
    private const int MaximumBytes = 200;

    private RefName(string value) => Value = value;

    public string Value { get; }

    public static Result<RefName> Create(string text)
    {
        var prefix = text.StartsWith(Heads, StringComparison.Ordinal) ? Heads : text.StartsWith(Tags, StringComparison.Ordinal) ? Tags : "";
        var fault = prefix.Length is 0 ? "begins with neither refs/heads/ nor refs/tags/" : Fault(text[prefix.Length..]);
        return fault is null ? new RefName(text) : Error.Invalid("BAD_REF_NAME", $"'{Text.Shorten(text)}' {fault}");
    }

    /// <summary>The number of the pull request whose branch it is; null: it is none's.</summary>
    public long? PullRequest => Value.StartsWith(PullRequests, StringComparison.Ordinal) ? long.Parse(Value.AsSpan(PullRequests.Length), CultureInfo.InvariantCulture) : null;

    /// <summary>A branch by its short name, or a pull request's; empty: the default one.</summary>
    public static Result<RefName> Branch(string name) => name.Length is 0 ? new RefName(Default)
        : name.StartsWith(PullRequests, StringComparison.Ordinal) ? OfPullRequest(name)
        : Create(name.StartsWith(Heads, StringComparison.Ordinal) ? name : Heads + name);

    private static Result<RefName> OfPullRequest(string name) =>
        name.Length is > 8 and <= 20 && name[PullRequests.Length] is not '0' && name.AsSpan(PullRequests.Length).IndexOfAnyExceptInRange('0', '9') < 0
            ? new RefName(name)
            : Error.Invalid("BAD_REF_NAME", $"'{Text.Shorten(name)}' is no pull request's branch: refs/pr/ and its number is expected");

    private static string? Fault(string name) => name switch
    {
        "" or "@" or "HEAD" => "has no name behind its prefix that git allows",
        _ when Encoding.UTF8.GetByteCount(name) > MaximumBytes => $"is longer than {MaximumBytes} bytes",
        _ when name.Any(c => char.IsControl(c) || c is ' ' or '~' or '^' or ':' or '?' or '*' or '[' or '\\' or '\uFFFD') => "has a blank, a control character or one of ~^:?*[\\",
        _ when name.Contains("..", StringComparison.Ordinal) || name.Contains("@{", StringComparison.Ordinal) => "has '..' or '@{'",
        _ when name.EndsWith('.') => "ends with '.'",
        _ when name.Split('/').Any(part => part.Length is 0 || part[0] is '.' || part.EndsWith(".lock", StringComparison.Ordinal)) =>
            "has a part that is empty, begins with '.' or ends with '.lock'",
        _ when ObjectId.Create(name).Error is null => "looks like a commit id",
        _ => null,
    };
}
