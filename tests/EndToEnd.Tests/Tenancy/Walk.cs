using System.Text;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>Tries things, and writes down what should not have been answered.</summary>
internal sealed class Walk(World world)
{
    private readonly List<string> _faults = [];

    public IReadOnlyList<string> Faults => _faults;

    private Names Names => world.Alpha.Names;

    /// <summary>Every RPC by gRPC and by REST, through the Gateway.</summary>
    public async Task CallAsync(Attacker who, RpcAttempt attempt)
    {
        var isClosed = attempt.IsForServices || attempt.Access.Inner;
        // Feeds have no way in at all.
        var expected = attempt.Method.Service.Name is "ChangeFeed" ? "SERVICE_UNAVAILABLE" : isClosed ? "SERVICES_ONLY" : attempt.Expected;
        await TryAsync($"{attempt.Rpc} as {who.Name}", attempt.Arguments, attempt.Shown, IsJudged(who) ? expected : null, isThere =>
            Calls.CallAsync(world.Garden.Front(who.Token), attempt.Method, Names.Fill(attempt.Arguments, isThere)));
        foreach (var way in Enumerable.Range(0, Calls.RestOf(attempt.Method, attempt.Arguments).Count()))
        {
            await TryAsync($"REST of {attempt.Rpc} as {who.Name}", attempt.Arguments, attempt.Shown, null, async isThere =>
            {
                var (verb, target, body) = Calls.RestOf(attempt.Method, Names.Fill(attempt.Arguments, isThere)).ElementAt(way);
                return await SendAsync(who.Token, verb, target, body, "application/json");
            });
        }
    }

    /// <summary>An RPC past the Gateway, as a service would call that hands somebody's word on.</summary>
    public Task CallInsideAsync(Attacker who, RpcAttempt attempt, string service) =>
        TryAsync($"{attempt.Rpc} of {service} past the Gateway as {who.Name}", attempt.Arguments, attempt.Shown, IsJudged(who) ? attempt.Expected : null, isThere =>
            Calls.CallAsync(world.Garden.Inside.As(who.Principal, service), attempt.Method, Names.Fill(attempt.Arguments, isThere)));

    public async Task SendAsync(Attacker who, RouteAttempt attempt)
    {
        foreach (var (verb, target) in attempt.Requests)
        {
            var told = target + attempt.Body;
            await TryAsync($"{attempt.Service}'s {verb} {target} as {who.Name}", told, attempt.Shown, IsJudged(who) ? attempt.Expected : null, isThere =>
                SendAsync(TokenFor(who, attempt), verb, Names.Fill(target, isThere), Names.Fill(attempt.Body, isThere), attempt.Type, IsPage(attempt) ? world.Beta.Browser.Headers : []));
        }
    }

    /// <summary>A refusal that everybody gets whatever he names.</summary>
    public void Expect(string what, string expected, Answer answer)
    {
        if (answer.Outcome != expected)
        {
            _faults.Add($"{what}: expected {expected}, was {answer.Outcome}: {Shorten(answer.Text)}");
        }
    }

    /// <summary>What knows who comes by his browser, or by what a client shows of itself, alone: Identity's pages, and OAuth's endpoints but for the one that takes a token.</summary>
    public static bool IsPage(RouteAttempt attempt) => attempt.Pattern.StartsWith("/account", StringComparison.Ordinal) || (attempt.Pattern.StartsWith("/oauth/", StringComparison.Ordinal) && attempt.Pattern is not "/oauth/userinfo");

    private bool IsJudged(Attacker who) => who == world.Beta.Admin;

    private string TokenFor(Attacker who, RouteAttempt attempt) =>
        IsPage(attempt) ? "" : attempt.Pattern.StartsWith("/garden/v1/xet/", StringComparison.Ordinal) ? world.Beta.XetToken : who.Token;

    private async Task<Answer> SendAsync(string token, string verb, string target, string body, string type, IEnumerable<(string Name, string Value)>? headers = null)
    {
        using var content = body.Length is 0 ? null : new StringContent(body, Encoding.UTF8, type);
        using var response = await world.Garden.SendAsync(token, verb, target, content, headers ?? []);
        return await Answer.OfAsync(response, Patience.Cancel);
    }

    /// <param name="what">For people.</param>
    /// <param name="attempt">All that the attempt says, with its names.</param>
    /// <param name="shown">Why it may tell that something is there.</param>
    /// <param name="expected">The outcome; null: whatever it is.</param>
    /// <param name="ask">Asks by the names of alpha's things, or by those of nothing.</param>
    private async Task TryAsync(string what, string attempt, string shown, string? expected, Func<bool, Task<Answer>> ask)
    {
        var there = await ask(true);
        var told = Names.Mask(there.Text, attempt);
        if (expected is not null)
        {
            Expect($"{what} {attempt}", expected, there);
        }

        if (Names.LeakIn(told + Names.Mask(there.Bytes, attempt), attempt) is { } leak)
        {
            _faults.Add($"{what} {attempt}: tells '{leak}': {Shorten(told)}");
        }

        if (shown.Length > 0 || !Names.IsIn(attempt))
        {
            return;
        }

        var nowhere = Names.Mask((await ask(false)).Text, attempt);
        if (Answer.Settle(told) != Answer.Settle(nowhere))
        {
            _faults.Add($"{what} {attempt}: what is there is answered\n    {Shorten(told)}\n  and what is not\n    {Shorten(nowhere)}");
        }
    }

    private static string Shorten(string text) => text.Length > 700 ? $"{text[..700]}…" : text.ReplaceLineEndings(" | ");
}
