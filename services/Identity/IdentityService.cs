using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Authentication;
using ModelGarden.Identity.Invitations;
using ModelGarden.Identity.Keys;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.Passwords;
using ModelGarden.Identity.Sessions;
using ModelGarden.Identity.Tokens;
using ModelGarden.Identity.Trust;
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
    TokenBook tokens,
    InvitationBook invitations,
    PasswordBook passwords,
    SessionDesk sessions,
    SecondFactors.SignInRules rules,
    ClientBook clients,
    GrantDesk grants,
    TrustBook trust,
    IOptions<GardenOptions> garden) : Contracts.V1.Identity.IdentityBase
{
    public override async Task<AuthenticateResponse> Authenticate(AuthenticateRequest request, ServerCallContext context)
    {
        var principal = (request.Session.Length > 0
            ? await authenticator.AuthenticateSessionAsync(request.Session, context.CancellationToken)
            : await authenticator.AuthenticateAsync(request.Credential, context.CancellationToken)).OrThrow();
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

    public override async Task<CreateInvitationResponse> CreateInvitation(CreateInvitationRequest request, ServerCallContext context)
    {
        var caller = context.GetCaller();
        var (invitation, path) = (await invitations.CreateAsync(caller, InvitationWish.Create(caller, request).OrThrow(), context.CancellationToken)).OrThrow();
        return new() { Invitation = invitation.ToMessage(), Path = path };
    }

    public override async Task<ListInvitationsResponse> ListInvitations(ListInvitationsRequest request, ServerCallContext context)
    {
        var tenant = AccountErrors.TenantFor(context.GetCaller(), request.Tenant);
        return new() { Invitations = { (await invitations.ListAsync(tenant, context.CancellationToken)).OrThrow().Select(invitation => invitation.ToMessage()) } };
    }

    public override async Task<Invitation> RevokeInvitation(RevokeInvitationRequest request, ServerCallContext context) =>
        (await invitations.RevokeAsync(context.GetCaller(), request.Id, context.CancellationToken)).OrThrow().ToMessage();

    public override async Task<CreatePasswordResetResponse> CreatePasswordReset(CreatePasswordResetRequest request, ServerCallContext context)
    {
        var name = AccountName.Create(request.Account).OrThrow();
        var (reset, path) = (await passwords.OfferResetAsync(context.GetCaller(), name, context.CancellationToken)).OrThrow();
        return new() { Path = path, ExpiresAt = reset.ExpiresAt.ToTimestamp() };
    }

    public override async Task<Account> RemoveSecondFactor(RemoveSecondFactorRequest request, ServerCallContext context) =>
        (await sessions.RemoveSecondFactorAsync(context.GetCaller(), AccountName.Create(request.Account).OrThrow(), context.CancellationToken)).OrThrow().ToMessage();

    public override async Task<ListSessionsResponse> ListSessions(ListSessionsRequest request, ServerCallContext context)
    {
        var caller = context.GetCaller();
        var name = AccountName.Create(request.Account.Length > 0 ? request.Account : caller.Principal.Name).OrThrow();
        return new() { Sessions = { (await sessions.ListAsync(caller, name, context.CancellationToken)).OrThrow() } };
    }

    public override async Task<EndSessionResponse> EndSession(EndSessionRequest request, ServerCallContext context)
    {
        _ = (await sessions.EndAsync(context.GetCaller(), request.Id, context.CancellationToken)).OrThrow();
        return new();
    }

    public override async Task<EndSessionsResponse> EndSessions(EndSessionsRequest request, ServerCallContext context) =>
        new() { Ended = (await sessions.EndAllAsync(context.GetCaller(), AccountName.Create(request.Account).OrThrow(), context.CancellationToken)).OrThrow() };

    public override async Task<Contracts.V1.SignInRules> GetSignInRules(GetSignInRulesRequest request, ServerCallContext context) =>
        (await rules.GetAsync(AccountErrors.TenantFor(context.GetCaller(), request.Tenant), context.CancellationToken)).OrThrow();

    public override async Task<Contracts.V1.SignInRules> SetSignInRules(Contracts.V1.SignInRules request, ServerCallContext context)
    {
        var caller = context.GetCaller();
        return (await rules.SetAsync(caller, AccountErrors.TenantFor(caller, request.Tenant), request.SecondFactorRequired, context.CancellationToken)).OrThrow();
    }

    public override async Task<CreateClientResponse> CreateClient(CreateClientRequest request, ServerCallContext context)
    {
        var caller = context.GetCaller();
        var (client, secret) = (await clients.CreateAsync(caller, ClientWish.Create(caller, request).OrThrow(), context.CancellationToken)).OrThrow();
        return new() { Client = client.ToMessage(), Secret = secret };
    }

    public override async Task<ListClientsResponse> ListClients(ListClientsRequest request, ServerCallContext context)
    {
        var tenant = AccountErrors.TenantFor(context.GetCaller(), request.Tenant);
        return new() { Clients = { (await clients.ListAsync(tenant, context.CancellationToken)).OrThrow().Select(client => client.ToMessage()) } };
    }

    public override async Task<CreateClientResponse> RotateClientSecret(RotateClientSecretRequest request, ServerCallContext context)
    {
        var (client, secret) = (await clients.RotateSecretAsync(context.GetCaller(), request.Id, context.CancellationToken)).OrThrow();
        return new() { Client = client.ToMessage(), Secret = secret };
    }

    public override async Task<DeleteClientResponse> DeleteClient(DeleteClientRequest request, ServerCallContext context)
    {
        _ = (await clients.DeleteAsync(context.GetCaller(), request.Id, context.CancellationToken)).OrThrow();
        return new();
    }

    public override async Task<ListGrantsResponse> ListGrants(ListGrantsRequest request, ServerCallContext context)
    {
        var caller = context.GetCaller();
        var name = AccountName.Create(request.Account.Length > 0 ? request.Account : caller.Principal.Name).OrThrow();
        return new() { Grants = { (await grants.ListAsync(caller, name, context.CancellationToken)).OrThrow() } };
    }

    public override async Task<EndGrantResponse> EndGrant(EndGrantRequest request, ServerCallContext context)
    {
        _ = (await grants.EndAsync(context.GetCaller(), request.Id, context.CancellationToken)).OrThrow();
        return new();
    }

    public override async Task<TrustedIssuer> CreateTrustedIssuer(CreateTrustedIssuerRequest request, ServerCallContext context)
    {
        var caller = context.GetCaller();
        var wish = TrustWish.Create(caller, request, trust.Networks, garden.Value.PublicUrl.TrimEnd('/')).OrThrow();
        return (await trust.CreateAsync(caller, wish, context.CancellationToken)).OrThrow().ToMessage();
    }

    public override async Task<ListTrustedIssuersResponse> ListTrustedIssuers(ListTrustedIssuersRequest request, ServerCallContext context)
    {
        var tenant = AccountErrors.TenantFor(context.GetCaller(), request.Tenant);
        return new() { Issuers = { (await trust.ListAsync(tenant, context.CancellationToken)).OrThrow().Select(issuer => issuer.ToMessage()) } };
    }

    public override async Task<DeleteTrustedIssuerResponse> DeleteTrustedIssuer(DeleteTrustedIssuerRequest request, ServerCallContext context)
    {
        _ = (await trust.DeleteAsync(context.GetCaller(), request.Id, context.CancellationToken)).OrThrow();
        return new();
    }
}
