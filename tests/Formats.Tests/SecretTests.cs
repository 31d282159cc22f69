using System.Text;

namespace ModelGarden.Formats.Tests;

public sealed class SecretTests
{
    // Put together here, so that no file of the project looks as if it held one.
    private const string Random = "q7Zt2LmX9vBk4RwN8sHc3JdP6yGf1TaUe5KoVxQi0bMhWzCnSrEjDgYuFpAlOk7t2Lm9vBk4RwNq7Zt2LmX9vBk4RwN8sHc3JdP6yGf1TaU";

    public static TheoryData<string, string> Real => new()
    {
        { "AKIA" + "Q7ZT2LMX9VBK4RWN", "AWS access key" },
        { "aws_secret_access_key = " + Random[..40], "AWS secret key" },
        { "\"AWS_SECRET_ACCESS_KEY\": \"" + Random[..40] + "\"", "AWS secret key" },
        { "\"private_key_id\": \"" + "8f3a9c1d7b2e6f4058a1c9d3e7b2f6a4d8c1e5b9" + "\"", "Google service account" },
        { "AIza" + Random[..35], "Google API key" },
        { "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=" + Random[..86] + "==;", "Azure storage key" },
        { "SharedAccessKey=" + Random[..43] + "=", "Azure shared access key" },
        { "ghp_" + Random[..36], "GitHub token" },
        { "github_pat_" + Random[..22] + "_" + Random[22..81], "GitHub token" },
        { "glpat-" + Random[..20], "GitLab token" },
        { "token='hf_" + Random[..34] + "'", "Hugging Face token" },
        { "OPENAI_API_KEY=sk-" + Random[..48], "OpenAI key" },
        { "sk-proj-" + Random[..80], "OpenAI key" },
        { "sk-ant-api03-" + Random[..90], "Anthropic key" },
        { "xoxb-2480193756-4837261950-" + Random[..24], "Slack token" },
        { "https://hooks.slack.com/services/T0A1B2C3D/B4E5F6G7H/" + Random[..24], "Slack web hook" },
        { "sk_live_" + Random[..32], "Stripe key" },
        { "npm_" + Random[..36], "npm token" },
        { "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiJ1MSIsIm5hbWUiOiJKIn0." + Random[..43], "signed token" },
        { "-----BEGIN RSA " + "PRIVATE KEY-----\n" + Random[..64] + "\n" + Random[20..84] + "\n-----END RSA PRIVATE KEY-----", "private key" },
        { "{\"private_key\": \"-----BEGIN " + "PRIVATE KEY-----\\n" + Random[..64] + "\\n\"}", "private key" },
        { "-----BEGIN OPENSSH " + "PRIVATE KEY-----\r\n" + Random[..70], "private key" },
    };

    [Theory]
    [MemberData(nameof(Real))]
    public void Secret_InText_IsSuspiciousAndNotRepeated(string text, string kind)
    {
        var finding = Checks.AssertSuspicious(Checks.Examine("notes.txt", Encoding.UTF8.GetBytes($"first\nsecond {text}\n")), "secret.found");

        Assert.Contains(kind, finding.Message, StringComparison.Ordinal);
        Assert.StartsWith("line 2 has", finding.Message, StringComparison.Ordinal);
        for (var at = 0; at + 6 <= Random.Length; at++)
        {
            Assert.DoesNotContain(Random.Substring(at, 6), finding.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("a.json", "{\"a\":\"SECRET\"}")]
    [InlineData("README.md", "# x\nSECRET")]
    [InlineData("a.py", "t = 'SECRET'")]
    [InlineData(".env", "T=SECRET")]
    [InlineData("a.jsonl", "{}\n{\"a\":\"SECRET\"}")]
    public void Secret_InAnyText_IsFound(string name, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text.Replace("SECRET", "hf_" + Random[..34], StringComparison.Ordinal));

        Checks.AssertSuspicious(Checks.Examine(name, bytes), "secret.found");
        Checks.AssertSuspicious(Checks.Examine("a.zip", ZipTests.Zip((name, bytes))), "secret.found");
    }

    [Theory]
    [InlineData("AKIA" + "IOSFODNN7EXAMPLE")]
    [InlineData("hf_" + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("ghp_" + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("sk-" + "your0key0here0your0key0here0your0key0here0abcdefg")]
    [InlineData("-----BEGIN " + "PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----")]
    public void Secret_OfAManual_IsOnlyWarnedOf(string text) => Checks.AssertWarned(Checks.Examine("README.md", Encoding.UTF8.GetBytes(text)), "secret.found");

    [Theory]
    [InlineData("disk-q7Zt2LmX9vBk4RwN8sHc3JdP6yGf1TaUe5KoVxQi0bMhWz")]
    [InlineData("hf_short")]
    [InlineData("AKIAlowercaseletters")]
    [InlineData("a risk-free sk-learn pipeline with hf_hub and ghp_")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9")]
    [InlineData("-----BEGIN CERTIFICATE-----\nq7Zt2LmX9vBk4RwN8sHc3JdP6yGf1TaUe5KoVxQi0bMhWz\n")]
    public void Text_ThatIsNoSecret_IsClean(string text) => Checks.AssertClean(Checks.Examine("a.txt", Encoding.UTF8.GetBytes(text)), FileFormat.Text);

    [Fact]
    public void Secret_AtAnyPlaceOfAWindow_IsFoundOnce()
    {
        for (var place = 61_400; place < 65_600; place += 61)
        {
            var text = new string('a', place) + "\n" + "hf_" + Random[..34] + "\n" + new string('b', 70_000);
            var examination = Checks.Examine("a.txt", Encoding.UTF8.GetBytes(text));

            Assert.Equal(place + 1, Assert.Single(examination.Findings).Offset);
            Assert.StartsWith("line 2 ", examination.Findings[0].Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Secrets_ByTheThousand_AreBounded()
    {
        var text = string.Join('\n', Enumerable.Range(0, 5000).Select(n => $"hf_{Random[..30]}{n:0000}"));

        Assert.InRange(Checks.Examine("a.txt", Encoding.UTF8.GetBytes(text)).Findings.Count, 1, 20);
    }

    [Fact]
    public void TextOfManyMegabytes_IsHeldAWindowAtATime()
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a line of text that is nothing in particular, sk- and all\n", 300_000)));
        Checks.Examine("a.txt", bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Checks.AssertClean(Checks.Examine("a.txt", bytes), FileFormat.Text);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }
}
