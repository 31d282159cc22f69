using ModelGarden.Contracts.V1;
using ModelGarden.Identity.OAuth;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Trust;

/// <summary>Swaps the token of a CI's job for a short-lived one of a service account that is bound to one repository (RFC 8693).</summary>
internal sealed partial class TokenExchange(TrustBook trust, IssuerKeys keys, GrantBook grants, TimeProvider clock, ILogger<TokenExchange> logger)
{
    private const string IdToken = "urn:ietf:params:oauth:token-type:id_token";
    private const string Jwt = "urn:ietf:params:oauth:token-type:jwt";
    private const string Models = "models/";
    private const string AccessToken = "urn:ietf:params:oauth:token-type:access_token";

    public async Task<Result<IssuedTokens>> ExchangeAsync(OAuthParameters parameters, string garden, CancellationToken cancellationToken)
    {
        var repository = ResourceOf(parameters["resource"], garden);
        var token = ForeignToken.Parse(parameters["subject_token"]);
        if ((TypeRefusal(parameters) ?? repository.Error ?? token.Error ?? token.Value.Refusal(clock.GetUtcNow())) is { } refusal)
        {
            return refusal;
        }

        var fitting = await FindAsync(token.Value, repository.Value, cancellationToken);
        if (fitting.Error is { } unfit)
        {
            LogRefused(Text.Shorten(token.Value.Issuer), repository.Value, unfit.Message);
            return NotTrusted();
        }

        var issuer = fitting.Value;
        var scopes = OAuthScopes.Of(parameters["scope"], issuer.ScopeList);
        var account = scopes.Error is { } beyond ? beyond : await grants.StandingAsync(issuer.Account, cancellationToken);
        if (account.Error is { } fallen)
        {
            return fallen;
        }

        LogExchanged(issuer.Issuer, Text.Shorten(token.Value.Subject), account.Value.Name, issuer.Repository);
        var name = Text.Shorten($"CI: {token.Value.Subject}", 120);
        var wish = new LoneToken(issuer.Id, name, scopes.Value, TimeSpan.FromMinutes(issuer.LifetimeMinutes), issuer.Repository)
        {
            Evidence = [("issuer", issuer.Issuer), ("subject", token.Value.Subject), ("job", token.Value.Claim("jti") ?? "")],
        };
        return await grants.IssueAsync(account.Value, wish, cancellationToken);
    }

    /// <summary>The same whatever does not fit: whoever has some token of a host of jobs could otherwise ask whom others trust, and for which audience.</summary>
    private static Error NotTrusted() => OAuthErrors.Request(
        "the subject_token is not taken for this resource: whoever owns it trusts no such issuer, audience and claims, or the signature is wrong, or the issuer cannot be asked now; the garden's log says which");

    /// <summary>The trust that the token fits; an error: none, in words for the log.</summary>
    private async Task<Result<TrustedIssuerRow>> FindAsync(ForeignToken token, string repository, CancellationToken cancellationToken)
    {
        var trusted = await trust.FindAsync(token.Issuer, repository, cancellationToken);
        if (trusted is [])
        {
            return OAuthErrors.Request("its issuer is not trusted for it");
        }

        var key = await keys.FindAsync(token.Issuer, token.KeyId, cancellationToken);
        if (key.Error is { } noKey)
        {
            return noKey;
        }

        if (!key.Value.IsSigned(token))
        {
            return OAuthErrors.Request("its signature is wrong, or its alg is not its key's");
        }

        return Array.Find(trusted, one => token.IsFor(one.Audience) && Fits(token, one)) is { } fitting
            ? fitting
            : OAuthErrors.Request(trusted.Any(one => token.IsFor(one.Audience)) ? "its claims are not those that are trusted" : "it is for another audience");
    }

    private static bool Fits(ForeignToken token, TrustedIssuerRow issuer) =>
        issuer.ClaimPatterns.All(claim => token.Claim(claim.Key) is { } value && ClaimPattern.Fits(claim.Value, value));

    private static Error? TypeRefusal(OAuthParameters parameters) => true switch
    {
        _ when parameters["subject_token"].Length is 0 => OAuthErrors.Request("subject_token is missing"),
        _ when parameters["subject_token_type"] is not (IdToken or Jwt) => OAuthErrors.Request($"subject_token_type is {IdToken} or {Jwt}"),
        _ when parameters["requested_token_type"] is not ("" or AccessToken) => OAuthErrors.Request($"requested_token_type is {AccessToken}"),
        _ when parameters["actor_token"].Length > 0 => OAuthErrors.Request("an actor_token is not taken: the service account acts for itself"),
        _ => null,
    };

    /// <summary>As Hugging Face's client writes it: the repository's name, with its kind's word in front, a model's with or without, or its address; answered as tokens have it.</summary>
    private static Result<string> ResourceOf(string text, string garden)
    {
        var path = text.StartsWith($"{garden}/", StringComparison.Ordinal) ? text[(garden.Length + 1)..] : text;
        var (kind, name) = RepositoryPaths.Split(path.StartsWith(Models, StringComparison.Ordinal) && path.Count(c => c is '/') > 1 ? path[Models.Length..] : path);
        var repository = RepositoryName.Create(name);
        return repository.Error is null
            ? RepositoryPaths.PrefixOf(kind) + repository.Value.Value
            : OAuthErrors.Of("invalid_target", "resource is the one repository that the token is to be for: namespace/name, of a data set datasets/namespace/name, of an app spaces/namespace/name");
    }

    [LoggerMessage(2038, LogLevel.Information, "{Issuer} vouched for {Subject}, which got a token of {Account} for {Repository}")]
    private partial void LogExchanged(string issuer, string subject, string account, string repository);

    [LoggerMessage(2039, LogLevel.Information, "a token of {Issuer} for {Repository} was refused: {Reason}")]
    private partial void LogRefused(string issuer, string repository, string reason);
}
