using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Rights.Policies;
using Action = ModelGarden.Contracts.V1.Action;
using Policy = ModelGarden.Rights.Policies.Policy;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Entitlement.Tests;

/// <summary>Policies as they are written, and what each of their fields says of a model.</summary>
public sealed class PolicyReaderTests
{
    [Fact]
    public void Read_YamlAndTheSameInJson_AreTheSamePolicy()
    {
        var yaml = Read(
            """
            # Nothing that runs code when it is loaded.
            rules:
              - id: no-pickle
                effect: deny
                actions: [download, deploy]
                because: pickles run code
                when:
                  format: [torch, pickle]
                  own: false
            """);
        var json = Read("""{"rules":[{"id":"no-pickle","effect":"deny","actions":["download","deploy"],"because":"pickles run code","when":{"format":["torch","pickle"],"own":false}}]}""");

        var (one, other) = (Assert.Single(yaml.Rules), Assert.Single(json.Rules));
        Assert.Equal(("no-pickle", true, "pickles run code"), (one.Id, one.Denies, one.Because));
        Assert.Equal([Action.Download, Action.Deploy], one.Actions);
        Assert.Equal(["format: torch, pickle", "own: false"], one.When.Select(condition => $"{condition.Field}: {condition.Wanted}"));
        Assert.Equal((one.Id, one.Denies, one.Because), (other.Id, other.Denies, other.Because));
        Assert.Equal(one.When.Select(condition => condition.Wanted), other.When.Select(condition => condition.Wanted));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# later\n")]
    [InlineData("rules:\n")]
    [InlineData("rules: []\n")]
    public void Read_NothingYet_IsAPolicyWithoutRules(string text) => Assert.Empty(Read(text).Rules);

    [Theory]
    [InlineData("rule: []", "line 1, rule: there is no such field here: rules is")]
    [InlineData("rules: 7", "line 1, rules: a list of at most 1000 rules is expected")]
    [InlineData("rules:\n  - deny", "line 2, rules[0]: a rule is a mapping with id, effect and when")]
    [InlineData("rules:\n  - {id: A B, effect: deny}", "line 2, rules[0].id: 1 to 64 lower-case letters, digits, '-' or '_' are expected")]
    [InlineData("rules:\n  - {effect: deny}", "line 2, rules[0].id: 1 to 64 lower-case letters, digits, '-' or '_' are expected")]
    [InlineData("rules:\n  - {id: a, effect: refuse}", "line 2, rules[0].effect: allow or deny is expected")]
    [InlineData("rules:\n  - {id: a, effect: deny, why: b}", "line 2, rules[0].why: there is no such field here: id, effect, actions, because and when are")]
    [InlineData("rules:\n  - {id: a, effect: deny, actions: read}", "line 2, rules[0].actions: 'read' is none of download, deploy, call")]
    [InlineData("rules:\n  - {id: a, effect: deny}\n  - {id: a, effect: deny}", "line 3, rules[1].id: there is a rule 'a' already")]
    [InlineData("rules:\n  - id: a\n    effect: deny\n    when:\n      formats: [torch]", "line 5, rules[0].when.formats: there is no such field: publisher, model,")]
    [InlineData("rules:\n  - {id: a, effect: deny, when: {rating: adult}}", "line 2, rules[0].when.rating: 'adult' is none of unrated, general, sensitive, explicit")]
    [InlineData("rules:\n  - {id: a, effect: deny, when: {format: []}}", "line 2, rules[0].when.format: a value, or a list of 1 to 100, is expected")]
    [InlineData("rules:\n  - {id: a, effect: deny, when: {larger_than: much}}", "line 2, rules[0].when.larger_than: a size is expected: bytes, or such as 20 GB or 1.5 GiB")]
    [InlineData("rules: [", ": not YAML: ")]
    public void Read_AFault_IsNamedByLineAndField(string text, string fault)
    {
        var error = PolicyReader.Read(text).Error!;

        Assert.Equal("BAD_POLICY", error.Reason);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ManyFaults_AreToldTenAtOnce()
    {
        var error = PolicyReader.Read("rules:\n" + string.Concat(Enumerable.Repeat("  - deny\n", 12))).Error!;

        Assert.EndsWith("rules[9]: a rule is a mapping with id, effect and when; and 2 more", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("publisher: meta", true)]
    [InlineData("publisher: m*", true)]
    [InlineData("publisher: [x, META]", true)]
    [InlineData("publisher: met", false)]
    [InlineData("publisher: m?ta", false)]
    [InlineData("model: meta/*", true)]
    [InlineData("model: '*/llama'", true)]
    [InlineData("model: 'm*a*/*l*a'", true)]
    [InlineData("model: 'meta/l*lama'", true)]
    [InlineData("model: 'meta/ll*llama'", false)]
    [InlineData("model: '*a/*x*'", false)]
    [InlineData("model: llama", false)]
    [InlineData("own: false", true)]
    [InlineData("own: true", false)]
    [InlineData("kind: model", true)]
    [InlineData("kind: [dataset, app]", false)]
    [InlineData("license: mit", true)]
    [InlineData("license: gpl-*", false)]
    [InlineData("source: mirrored", true)]
    [InlineData("source: first_party", false)]
    [InlineData("origin: 'https://hub.example.com/meta/*'", true)]
    [InlineData("task: text-*", true)]
    [InlineData("rating: [sensitive, explicit]", true)]
    [InlineData("verdict: clean", true)]
    [InlineData("format: torch", true)]
    [InlineData("format: gguf", false)]
    [InlineData("larger_than: 1999", true)]
    [InlineData("larger_than: 2 kB", false)]
    [InlineData("smaller_than: 2 KiB", true)]
    [InlineData("smaller_than: 1.9 kB", false)]
    [InlineData("{publisher: meta, format: gguf}", false)]
    public void Deny_EachField_IsHeldAgainstTheModel(string when, bool isDenied) => Assert.Equal(isDenied, IsDenied(when, Llama));

    [Theory]
    [InlineData("license: mit", false)]
    [InlineData("license: [mit, apache-2.0]", true)]
    [InlineData("format: torch", false)]
    [InlineData("format: [torch, safetensors]", true)]
    [InlineData("task: [text-generation]", true)]
    [InlineData("origin: '*'", true)]
    public void Allow_OfSeveralValues_AllMustBeAllowed(string when, bool isAllowed) => Assert.Equal(isAllowed, IsAllowed(when, Llama));

    /// <summary>What is not known may be what a rule is afraid of, and is nothing that a rule is content with.</summary>
    [Theory]
    [InlineData("format: gguf")]
    [InlineData("verdict: malicious")]
    [InlineData("rating: explicit")]
    [InlineData("source: mirrored")]
    [InlineData("origin: '*'")]
    [InlineData("larger_than: 1 TB")]
    [InlineData("smaller_than: 1 TB")]
    public void WhatIsNotKnown_IsDeniedAndNotAllowed(string when)
    {
        var unknown = Llama with { Facts = null };

        Assert.True(IsDenied(when, unknown));
        Assert.False(IsAllowed(when, unknown));
    }

    [Fact]
    public void Formats_WhileFilesWaitToBeExamined_AreNotAllKnown()
    {
        var pending = Llama with { Facts = new(Llama.Facts) { Verdict = Verdict.Pending } };

        Assert.True(IsDenied("format: gguf", pending));
        Assert.False(IsAllowed("format: [torch, safetensors]", pending));
        Assert.False(IsDenied("format: gguf", Llama));
    }

    [Fact]
    public void Task_ThatIsNotStated_MatchesNothing()
    {
        var silent = Llama with { Facts = new(Llama.Facts) { Task = "" } };

        Assert.False(IsDenied("task: '*'", silent));
        Assert.False(IsAllowed("task: '*'", silent));
    }

    private static PolicySubject Llama { get; } = new(
        Action.Download,
        RepositoryName.Create("meta/llama").Value,
        IsOwn: false,
        ["mit", "apache-2.0"],
        RepositoryKind.Model,
        new()
        {
            Source = SourceKind.Mirrored,
            Origin = "https://hub.example.com/meta/llama",
            Task = "text-generation",
            Rating = ContentRating.Sensitive,
            Formats = { "safetensors", "torch" },
            Verdict = Verdict.Clean,
            Size = 2000,
        });

    private static bool IsDenied(string when, PolicySubject subject) => Rule("deny", when).DenialOf(subject) is not null;

    private static bool IsAllowed(string when, PolicySubject subject) => Rule("allow", when).Allows(subject);

    private static Policy Rule(string effect, string when) => Read($"rules: [{{id: a, effect: {effect}, when: {(when.StartsWith('{') ? when : $"{{{when}}}")}}}]");

    private static Policy Read(string text) => PolicyReader.Read(text) is { Error: null } policy ? policy.Value : throw new InvalidOperationException(PolicyReader.Read(text).Error!.Message);
}
