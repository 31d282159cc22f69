using System.Buffers;

namespace ModelGarden.Formats.Scans;

/// <summary>A kind of secret that its beginning gives away.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Prefix">What it begins with, or what stands before it.</param>
/// <param name="Alphabet">Of the characters behind the prefix.</param>
/// <param name="Minimum">How many of them there are at least.</param>
/// <param name="Maximum">How many at most.</param>
/// <param name="IsAssigned">The prefix is a name, behind which something like <c>" = "</c> stands before the secret.</param>
internal sealed record SecretKind(string Name, string Prefix, SearchValues<char> Alphabet, int Minimum, int Maximum, bool IsAssigned = false)
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";
    private static readonly SearchValues<char> Plain = SearchValues.Create(Letters + Digits);
    private static readonly SearchValues<char> Upper = SearchValues.Create(Letters[..26] + Digits);
    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create(Digits + "abcdef");
    private static readonly SearchValues<char> Base64 = SearchValues.Create(Letters + Digits + "+/=");
    private static readonly SearchValues<char> Word = SearchValues.Create(Letters + Digits + "_-");
    private static readonly SearchValues<char> Path = SearchValues.Create(Letters + Digits + "/");
    private static readonly SearchValues<char> Dotted = SearchValues.Create(Letters + Digits + "_-.");

    public const string Pem = "-----BEGIN ";
    public const string Token = "eyJ";

    public static readonly SecretKind[] All =
    [
        new("an AWS access key", "AKIA", Upper, 16, 16),
        new("an AWS temporary access key", "ASIA", Upper, 16, 16),
        new("an AWS secret key", "aws_secret_access_key", Base64, 40, 40, IsAssigned: true),
        new("an AWS secret key", "AWS_SECRET_ACCESS_KEY", Base64, 40, 40, IsAssigned: true),
        new("an AWS secret key", "SecretAccessKey", Base64, 40, 40, IsAssigned: true),
        new("a Google service account's key", "private_key_id", Hexadecimal, 40, 40, IsAssigned: true),
        new("a Google API key", "AIza", Word, 35, 35),
        new("an Azure storage key", "AccountKey=", Base64, 86, 88),
        new("an Azure shared access key", "SharedAccessKey=", Base64, 43, 44),
        new("a GitHub token", "ghp_", Plain, 36, 255),
        new("a GitHub token", "gho_", Plain, 36, 255),
        new("a GitHub token", "ghu_", Plain, 36, 255),
        new("a GitHub token", "ghs_", Plain, 36, 255),
        new("a GitHub token", "ghr_", Plain, 36, 255),
        new("a GitHub token", "github_pat_", Word, 82, 82),
        new("a GitLab token", "glpat-", Word, 20, 64),
        new("a Hugging Face token", "hf_", Plain, 34, 40),
        new("a Hugging Face organisation's token", "api_org_", Plain, 34, 40),
        new("an OpenAI key", "sk-", Plain, 40, 64),
        new("an OpenAI key", "sk-proj-", Word, 40, 255),
        new("an OpenAI key", "sk-svcacct-", Word, 40, 255),
        new("an OpenAI key", "sk-admin-", Word, 40, 255),
        new("an Anthropic key", "sk-ant-", Word, 40, 255),
        new("a Slack token", "xoxb-", Word, 40, 255),
        new("a Slack token", "xoxp-", Word, 40, 255),
        new("a Slack token", "xoxa-", Word, 40, 255),
        new("a Slack token", "xoxs-", Word, 40, 255),
        new("a Slack token", "xapp-", Word, 40, 255),
        new("a Slack web hook", "hooks.slack.com/services/", Path, 40, 64),
        new("a Stripe key", "sk_live_", Plain, 24, 128),
        new("an npm token", "npm_", Plain, 36, 36),
        new("a PyPI token", "pypi-AgEI", Word, 50, 255),
        new("a Replicate token", "r8_", Plain, 37, 37),
        new("a signed token (JWT)", Token, Dotted, 60, 4000),
        new("a private key", Pem, Base64, 40, WindowScan.Overlap),
    ];

    /// <summary>The kinds whose prefix begins with a character.</summary>
    public static SecretKind[][] ByFirst { get; } = [.. Enumerable.Range(0, 128).Select(first => All.Where(kind => kind.Prefix[0] == first).ToArray())];

    public static SearchValues<string> Prefixes { get; } = SearchValues.Create([.. All.Select(kind => kind.Prefix)], StringComparison.Ordinal);
}
