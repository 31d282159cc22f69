using System.Collections.Frozen;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Trust;

/// <summary>What a claim has to be: text, in which <c>*</c> stands for any characters, none of them too. Case counts.</summary>
internal static class ClaimPattern
{
    private const int Longest = 300;

    private const int MostStars = 5;
    private const string Scheme = "://";

    // Subjects of a cluster's service accounts: the names are behind it.
    private const string OfClusters = "system:serviceaccount:";
    private static readonly char[] Separators = [':', '/', '@'];

    // What whole hosts of jobs have in common: who signs, when, on which branch and why.
    private static readonly FrozenSet<string> OfAll = new[]
    {
        "iss", "aud", "exp", "nbf", "iat", "jti", "ref", "ref_type", "ref_protected", "base_ref", "head_ref", "event_name", "runner_environment", "repository_visibility", "namespace_visibility", "project_visibility",
        "environment", "actor_type", "pipeline_source", "workflow", "run_attempt", "run_number", "user_access_level", "environment_protected", "deployment_tier", "ref_path",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static Error? Refusal(string name, string pattern) => Text.Refusal("a claim's name", name, 1, 100) ?? Text.Refusal($"claim {Text.Shorten(name)}", pattern, 1, Longest)
        ?? (pattern.Count(c => c is '*') <= MostStars ? null : Error.Invalid("BAD_CONDITION", $"claim {Text.Shorten(name)} has more than {MostStars} stars"));

    /// <summary>
    /// It tells someone from others: not what all jobs have, and with stars only behind a name that is said to its end, as in <c>acme/*</c>; of a subject, whose first part says what kind it is, as in
    /// <c>repo:acme/*</c>.
    /// </summary>
    public static bool IsTelling(string name, string pattern)
    {
        var said = pattern.Split('*')[0];
        return !OfAll.Contains(name) && (said.Length == pattern.Length || (said.Length > 0 && Separators.Contains(said[^1]) && NamesIn(said) >= (name is "sub" ? 2 : 1)));
    }

    /// <summary>How many names are said; what only says of what sort they are is none.</summary>
    private static int NamesIn(string said)
    {
        var scheme = said.IndexOf(Scheme, StringComparison.Ordinal);
        var names = scheme < 0 ? said : said[(scheme + Scheme.Length)..];
        return names.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Length - (names.StartsWith(OfClusters, StringComparison.Ordinal) ? 1 : 0);
    }

    public static bool Fits(string pattern, string value)
    {
        var parts = pattern.Split('*');
        if (parts.Length is 1)
        {
            return value == pattern;
        }

        if (value.Length < parts[0].Length + parts[^1].Length || !value.StartsWith(parts[0], StringComparison.Ordinal) || !value.EndsWith(parts[^1], StringComparison.Ordinal))
        {
            return false;
        }

        // The first place where each part fits leaves the most for those behind.
        var (at, end) = (parts[0].Length, value.Length - parts[^1].Length);
        foreach (var part in parts[1..^1])
        {
            var found = value.AsSpan(at, end - at).IndexOf(part, StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }

            at += found + part.Length;
        }

        return true;
    }
}
