using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Rights.Policies;
using Action = ModelGarden.Contracts.V1.Action;
using Policy = ModelGarden.Rights.Policies.Policy;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Entitlement.Tests;

/// <summary>An index finds what going through all rules finds.</summary>
public sealed class RuleIndexTests
{
    private static readonly string[] Conditions =
    [
        "publisher: [meta, acme*]", "publisher: \"*ta\"", "publisher: META", "model: meta/llama*", "model: [acme/own, meta/m*l]", "license: [mit, llama3]", "license: l*", "license: \"*\"", "format: [torch, gguf]",
        "format: safe*", "own: true", "task: text-generation", "task: [text-*, image]", "origin: https://*", "source: mirrored", "rating: [unrated, general]", "verdict: [pending, malicious]", "kind: dataset", "larger_than: 100", "smaller_than: 7000",
    ];

    private static readonly ModelFacts?[] Facts =
    [
        null,
        new() { Formats = { "torch", "safetensors" }, Verdict = Verdict.Clean, Size = 50, Task = "text-generation", Source = SourceKind.Mirrored, Origin = "https://hub.example.com/a", Rating = ContentRating.General },
        new() { Formats = { "gguf" }, Verdict = Verdict.Pending, Task = "", Rating = ContentRating.Unrated },
        new() { Verdict = Verdict.Clean, Size = 9000, Task = "image" },
    ];

    [Fact]
    public void Index_OfAnyRules_FindsTheFirstThatApplies()
    {
        var (random, met) = (new Random(7), 0);
        for (var round = 0; round < 400; round++)
        {
            var policy = PolicyReader.Read("rules:\n" + string.Concat(Enumerable.Range(0, random.Next(12)).Select(i => RuleOf(random, i)))).OrThrow();
            foreach (var subject in Subjects())
            {
                var denial = policy.About(subject.Action, denies: true).FirstOrDefault(rule => rule.Applies(subject));
                var allowances = policy.About(subject.Action, denies: false).ToList();

                Assert.Equal(denial?.Id, policy.DenialOf(subject)?.Id);
                Assert.Equal(allowances.Count is 0 || allowances.Exists(rule => rule.Applies(subject)), policy.Allows(subject));
                met += denial is null ? 0 : 1;
            }
        }

        Assert.InRange(met, 1000, int.MaxValue);
    }

    [Fact]
    public void Index_OfAThousandPublishers_LooksAtOne()
    {
        var looked = 0;
        var policy = new Policy([.. Enumerable.Range(0, 1000).Select(i => new PolicyRule(
            $"r{i}", true, [Action.Call], "", [new PatternCondition("publisher", $"maker{i}-*", [new Pattern($"maker{i}-*")], subject => Known.Of(subject.Repository.Owner.Value)), new Counting(() => looked++)]))]);

        Assert.Equal("r77", policy.DenialOf(SubjectOf("maker77-a/model", [], null))?.Id);

        Assert.Equal(1, looked);
    }

    private static string RuleOf(Random random, int i)
    {
        var when = random.GetItems(Conditions, random.Next(4)).DistinctBy(condition => condition.Split(':')[0]);
        return $"  - {{id: r{i}, effect: {(random.Next(3) is 0 ? "allow" : "deny")}, actions: [{(random.Next(4) is 0 ? "deploy" : "call")}]{(when.Any() ? $", when: {{{string.Join(", ", when)}}}" : "")}}}\n";
    }

    private static IEnumerable<PolicySubject> Subjects() =>
        from name in new[] { "meta/llama-3", "META/mistral", "acme/own", "other/model" }
        from licenses in new string[][] { [], ["mit"], ["llama3", "mit"], ["other"] }
        from facts in Facts
        select SubjectOf(name, licenses, facts);

    private static PolicySubject SubjectOf(string name, string[] licenses, ModelFacts? facts) =>
        new(Action.Call, RepositoryName.Create(name).Value, name.StartsWith("acme/", StringComparison.Ordinal), licenses, RepositoryKind.Model, facts);

    /// <summary>Always so, and counts how often it was asked.</summary>
    private sealed record Counting(System.Action Asked) : Condition("size", "any")
    {
        public override Match Of(PolicySubject subject, bool oneIsEnough)
        {
            Asked();
            return Match.Yes;
        }

        public override string Is(PolicySubject subject) => "";
    }
}
