using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Tenants;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;
using ModelGarden.Kernel;
using ModelGarden.Rights.Decisions;
using Action = ModelGarden.Contracts.V1.Action;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Entitlement.Decisions;

/// <summary>Explains decisions. What a model or an endpoint is, it asks for in the asker's own name, so that nobody learns of what he may not see.</summary>
internal sealed class Explaining(IDbContextFactory<EntitlementDbContext> contexts, DecisionDesk desk, Peers peers)
{
    public async Task<Result<Explanation>> ExplainAsync(Caller caller, WhyRequest request, CancellationToken cancellationToken)
    {
        var subject = await SubjectAsync(caller, request, cancellationToken);
        var resource = subject.Error is { } stranger ? stranger : await ResourceAsync(request, cancellationToken);
        var question = resource.Error is { } unknown ? unknown : Question.Create(request.Action, resource.Value, subject.Value);
        if (question.Error is { } error)
        {
            return error;
        }

        var (verdict, steps) = await desk.ExplainAsync(question.Value, cancellationToken);
        var principal = subject.Value.Principal;
        return new Explanation
        {
            Decision = verdict.ToMessage(request.Action, resource.Value),
            Action = request.Action,
            Account = principal.Name,
            Tenant = principal.Tenant,
            Roles = { principal.Roles },
            Scopes = { principal.Scopes },
            Resource = resource.Value,
            Steps = { steps },
        };
    }

    /// <summary>Whose decision is explained: the caller's, or that of an account with a token of every scope.</summary>
    private async Task<Result<Caller>> SubjectAsync(Caller caller, WhyRequest request, CancellationToken cancellationToken)
    {
        if (request.Account.Length is 0 && request.Tenant.Length is 0)
        {
            return caller;
        }

        var (account, tenant) = (AccountName.Create(request.Account), TenantErrors.TenantFor(caller, request.Tenant));
        if ((account.Error ?? tenant.Error) is { } error)
        {
            return error;
        }

        if (!(caller.HasRole(Roles.Admin) || caller.IsOperator || caller.IsService) || !caller.HasScope(Scopes.Read))
        {
            return Error.Denied("NOT_YOURS_TO_EXPLAIN", $"decisions on others are explained to admins of {tenant.Value} and to operators, with a token that has the scope {Scopes.Read}");
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (tenantKey, key) = (Key.Of(tenant.Value.Value), Key.Of(account.Value.Value));
        var member = await context.Members.FirstOrDefaultAsync(row => row.Tenant == tenantKey && row.Key == key, cancellationToken);
        return member is null
            ? Error.NotFound("MEMBER_NOT_FOUND", $"{account.Value} is no member of {tenant.Value}")
            : new Caller(new() { Kind = PrincipalKind.Person, Name = member.Account, Tenant = tenant.Value.Value, Roles = { member.RoleList }, Scopes = { Scopes.All } }, "");
    }

    private async Task<Result<Resource>> ResourceAsync(WhyRequest request, CancellationToken cancellationToken)
    {
        if (request.Endpoint.Length > 0)
        {
            return request.Action is Action.Call && request.Repository.Length is 0
                ? Resource.Of(await new Deployment.DeploymentClient(peers.AsCaller(ServiceNames.Deployment)).GetEndpointAsync(new() { Name = request.Endpoint }, cancellationToken: cancellationToken))
                : Error.Invalid("BAD_QUESTION", "an endpoint is called, and has its model: ask for action ACTION_CALL without a repository");
        }

        if (RepositoryName.Create(request.Repository).Error is { } error)
        {
            return error;
        }

        var kind = request.Kind is RepositoryKind.Unspecified ? RepositoryKind.Model : request.Kind;
        return Resource.Of(await new Catalog.CatalogClient(peers.AsCaller(ServiceNames.Catalog))
            .ResolveRevisionAsync(new() { Name = request.Repository, Revision = request.Revision, Kind = kind }, cancellationToken: cancellationToken));
    }
}
