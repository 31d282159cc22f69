using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Tokens;

/// <summary>A token that somebody wants, checked: nobody makes one that can do more than his own.</summary>
internal sealed record TokenWish(AccountName Account, string DisplayName, string[] Scopes, TimeSpan Lifetime)
{
    private const int DefaultDays = 90;
    private const int MostDays = 366;

    public static Result<TokenWish> Create(Caller caller, CreateTokenRequest request)
    {
        var account = AccountName.Create(request.Account.Length > 0 ? request.Account : caller.Principal.Name);
        string[] scopes = request.Scopes.Count > 0 ? [.. request.Scopes.Distinct()] : [.. caller.Principal.Scopes];
        return ((caller.IsService ? Error.Denied("MEMBERS_ONLY", "a service makes no tokens: its secret is enough") : null)
            ?? account.Error ?? Text.Refusal("display_name", request.DisplayName, 0, 128) ?? ScopeRefusal(caller, scopes) ?? LifetimeRefusal(request.LifetimeDays)) is { } refusal
            ? refusal
            : new TokenWish(
                account.Value,
                request.DisplayName,
                [.. Hosting.Access.Scopes.All.Where(scopes.Contains)],
                TimeSpan.FromDays(request.LifetimeDays is 0 ? DefaultDays : request.LifetimeDays));
    }

    private static Error? ScopeRefusal(Caller caller, string[] scopes)
    {
        if (Array.Find(scopes, scope => !Hosting.Access.Scopes.All.Contains(scope)) is { } unknown)
        {
            return Error.Invalid("BAD_SCOPE", $"'{Text.Shorten(unknown)}' is not a scope: {string.Join(", ", Hosting.Access.Scopes.All)}");
        }

        return Array.Find(scopes, scope => !caller.HasScope(scope)) is { } beyond
            ? Error.Denied("SCOPE_MISSING", $"your own token lacks the scope {beyond}, so it cannot give it to another: use one that has it")
            : null;
    }

    private static Error? LifetimeRefusal(int days) => days is < 0 or > MostDays
        ? Error.Invalid("BAD_LIFETIME", $"a token lives 1 to {MostDays} days (0: {DefaultDays}), not {days}")
        : null;
}
