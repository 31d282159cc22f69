using System.Diagnostics;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Rights.Decisions;
using ModelGarden.Rights.Licenses;
using ModelGarden.Rights.Policies;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Benchmarks.Policies;

/// <summary>The decider alone: what a service would pay that held the facts itself.</summary>
internal static class DecideRounds
{
    private const int Rounds = 41;
    private const int Questions = 10_000;

    public static void Run()
    {
        foreach (var rules in new[] { 0, 10, 100, 1000 })
        {
            Measure(rules);
        }
    }

    private static void Measure(int rules)
    {
        var caller = new Caller(new() { Kind = PrincipalKind.Person, Name = "ann", Tenant = "acme", Roles = { Roles.Engineer }, Scopes = { Scopes.All } }, "");
        var questions = Enumerable.Range(0, Questions).Select(i => Question.Create(Action.Download, Drafts.Model(i), caller).Value).ToArray();
        var facts = new Facts(new Dictionary<string, LicenseFact> { ["mit"] = new("MIT", true, true, null) }, null, DateTimeOffset.UtcNow)
        {
            Policies = rules is 0 ? [] : [new("acme", 1, PolicyReader.Read(Drafts.Rules(rules)).Value)],
        };
        var times = new double[Rounds];
        var allowed = 0;
        for (var round = -Rounds; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            allowed = questions.Count(question => Decider.Decide(question, facts).Allowed);
            times[Math.Max(round, 0)] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Questions;
        }

        Array.Sort(times);
        Console.WriteLine($"a decision under {rules,5} rules {times[Rounds / 2],8:F2} µs   ({allowed} of {Questions} allowed)");
    }
}
