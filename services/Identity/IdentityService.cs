using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Authentication;
using ModelGarden.Identity.Keys;
using ModelGarden.Identity.Tokens;
using ModelGarden.Kernel;

namespace ModelGarden.Identity;

/// <summary>Identity over gRPC: parses, asks the part that knows, answers.</summary>
internal sealed class IdentityService(
    Authenticator authenticator,
    ServiceDoor door,
    KeyRing ring,
    KeyStore keys,
    AccountDirectory accounts,
    AccountMaker maker,
    TokenBook tokens) : Contracts.V1.Identity.IdentityBase
{
    public override async Task<AuthenticateResponse> Authenticate(AuthenticateRequest request, ServerCallContext context)
    {
        var principal = (await authenticator.AuthenticateAsync(request.Credential, context.CancellationToken)).OrThrow();
        var (token, expiresAt) = ring.Sign(principal);
        return new() { InternalToken = token, ExpiresAt = expiresAt.ToTimestamp(), Principal = principal };
    }

    public override Task<IssueServiceTokenResponse> IssueServiceToken(IssueServiceTokenRequest request, ServerCallContext context)
    {
        var (token, expiresAt) = ring.Sign(door.Open(request.Service, request.Secret).OrThrow());
        return Task.FromResult(new IssueServiceTokenResponse { InternalToken = token, ExpiresAt = expiresAt.ToTimestamp() });
    }

    /// <summary>Out of the store: whoever met a key of another replica's finds it here too.</summary>
    public override async Task<ListSigningKeysResponse> ListSigningKeys(ListSigningKeysRequest request, ServerCallContext context) =>
        new() { Keys = { (await keys.ListAsync(context.CancellationToken)).Select(key => key.ToMessage()) } };

    public override Task<Principal> WhoAmI(WhoAmIRequest request, ServerCallContext context) => Task.FromResult(context.GetCaller().Principal);

    public override async Task<Account> CreateAccount(CreateAccountRequest request, ServerCallContext context)
    {
        var caller = context.GetCaller();
        return (await maker.CreateAsync(caller, AccountWish.Create(caller, request).OrThrow(), context.CancellationToken)).OrThrow().ToMessage();
    }

    public override async Task<ListAccountsResponse> ListAccounts(ListAccountsRequest request, ServerCallContext context)
    {
        var tenant = AccountErrors.TenantFor(context.GetCaller(), request.Tenant);
        return new() { Accounts = { (await accounts.ListAsync(tenant, context.CancellationToken)).OrThrow().Select(account => account.ToMessage()) } };
    }

    public override async Task<Account> SetAccountDisabled(SetAccountDisabledRequest request, ServerCallContext context)
    {
        var name = AccountName.Create(request.Name).OrThrow();
        return (await accounts.SetDisabledAsync(context.GetCaller(), name, request.Disabled, context.CancellationToken)).OrThrow().ToMessage();
    }

    public override async Task<Account> GetAccount(GetAccountRequest request, ServerCallContext context) =>
        (await accounts.FindAsync(context.GetCaller(), AccountName.Create(request.Name).OrThrow(), context.CancellationToken)).OrThrow().ToMessage();

    public override async Task<CreateTokenResponse> CreateToken(CreateTokenRequest request, ServerCallContext context)
    {
        var caller = context.GetCaller();
        var (token, secret) = (await tokens.CreateAsync(caller, TokenWish.Create(caller, request).OrThrow(), context.CancellationToken)).OrThrow();
        return new() { Token = token.ToMessage(), Secret = secret };
    }

    public override async Task<ListTokensResponse> ListTokens(ListTokensRequest request, ServerCallContext context)
    {
        var caller = context.GetCaller();
        var name = AccountName.Create(request.Account.Length > 0 ? request.Account : caller.Principal.Name).OrThrow();
        return new() { Tokens = { (await tokens.ListAsync(caller, name, context.CancellationToken)).OrThrow().Select(token => token.ToMessage()) } };
    }

    public override async Task<Token> RevokeToken(RevokeTokenRequest request, ServerCallContext context) =>
        (await tokens.RevokeAsync(context.GetCaller(), request.Id, context.CancellationToken)).OrThrow().ToMessage();
}
