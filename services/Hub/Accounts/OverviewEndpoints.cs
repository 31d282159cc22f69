using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Accounts;

/// <summary>
/// What the garden tells of people and organisations: of people to their colleagues and to operators alone; of an organisation its name and how much of it the asker sees, to whoever sees
/// something, and who belongs to it to its own people and operators. Nobody follows anybody here.
/// </summary>
internal sealed class OverviewEndpoints(Garden garden) : IEndpoints
{
    // As many as one page of likes has.
    private const int MostLikes = 1000;

    public IEnumerable<HubRoute> Routes =>
    [
        new("GET", "/api/users/{user}/overview", ShowUserAsync),
        new("GET", "/api/users/{user}/avatar", request => ShowAsync(request, FindUserAsync, new JsonObject { ["avatarUrl"] = ProfileJson.Avatar })),
        new("GET", "/api/users/{user}/followers", request => ShowAsync(request, FindUserAsync, new JsonArray())),
        new("GET", "/api/users/{user}/following", request => ShowAsync(request, FindUserAsync, new JsonArray())),
        new("GET", "/api/organizations/{org}/overview", ShowOrganisationAsync),
        new("GET", "/api/organizations/{org}/avatar", request => ShowAsync(request, FindOrganisationAsync, new JsonObject { ["avatarUrl"] = ProfileJson.Avatar })),
        new("GET", "/api/organizations/{org}/followers", request => ShowAsync(request, FindOrganisationAsync, new JsonArray())),
        new("GET", "/api/organizations/{org}/members", ListMembersAsync),
    ];

    private static Error NoUser => Error.NotFound("ACCOUNT_NOT_FOUND", "there is no such account, or none that you may know of");

    private async Task ShowUserAsync(HubRequest request)
    {
        var account = await FindUserAsync(request);
        var likes = await garden.Catalog.ListLikesAsync(new() { Account = account.Name, PageSize = MostLikes }, cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(ProfileJson.Of(account, likes.Likes.Count));
    }

    private async Task ShowOrganisationAsync(HubRequest request)
    {
        var organisation = await FindOrganisationAsync(request);
        var members = SeesMembers(request.Caller, organisation.Name) ? await MembersAsync(organisation.Name, request.Cancel) : null;
        await request.Http.WriteJsonAsync(ProfileJson.Of(organisation, members?.Count));
    }

    private async Task ListMembersAsync(HubRequest request)
    {
        var organisation = await FindOrganisationAsync(request);
        if (!SeesMembers(request.Caller, organisation.Name))
        {
            throw new ErrorException(Error.Denied("MEMBERS_ONLY", $"who belongs to {organisation.Name} is told to its own people, with a token that reads"));
        }

        var members = await MembersAsync(organisation.Name, request.Cancel);
        await request.Http.WriteJsonAsync(new JsonArray([.. members.Select(member => ProfileJson.Person(member.Account))]));
    }

    /// <summary>What is the same of everyone, to who may know that he is there.</summary>
    private static async Task ShowAsync<T>(HubRequest request, Func<HubRequest, Task<T>> find, JsonNode same)
    {
        await find(request);
        await request.Http.WriteJsonAsync(same);
    }

    private async Task<Account> FindUserAsync(HubRequest request)
    {
        Unbound(request.Caller);
        var name = AccountName.Create(request.Value("user"));
        if (name.Error is not null || request.Caller.IsAnonymous)
        {
            throw new ErrorException(NoUser);
        }

        var account = await LookUpAsync(name.Value, request.Cancel);
        return account is not null && SeesMembers(request.Caller, account.Tenant) ? account : throw new ErrorException(NoUser);
    }

    private async Task<Account?> LookUpAsync(AccountName name, CancellationToken cancellationToken)
    {
        try
        {
            return await garden.IdentityAsHub.GetAccountAsync(new() { Name = name.Value }, cancellationToken: cancellationToken);
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.NotFound)
        {
            return null;
        }
    }

    private async Task<Organisation> FindOrganisationAsync(HubRequest request)
    {
        Unbound(request.Caller);
        var name = TenantName.Create(request.Value("org"));
        var found = name.Error is null ? await CountAsync(name.Value, request) : null;
        return found ?? throw new ErrorException(Error.NotFound("ORGANISATION_NOT_FOUND", "there is no such organisation, or none of which you may see anything"));
    }

    private async Task<Organisation?> CountAsync(TenantName name, HubRequest request)
    {
        var found = new List<QueryResponse>();
        foreach (var kind in new[] { RepositoryKind.Model, RepositoryKind.Dataset, RepositoryKind.App })
        {
            found.Add(await garden.Search.QueryAsync(new() { Kind = kind, Owners = { name.Value }, PageSize = 1 }, cancellationToken: request.Cancel));
        }

        var tenant = await TenantAsync(name, request);
        var called = tenant?.Name ?? found.SelectMany(answer => answer.Hits).Select(hit => Ownership.OwnerOf(hit.Repository.Name)).FirstOrDefault();
        return called is null ? null : new(called, tenant?.DisplayName is { Length: > 0 } title ? title : called, found[0].Total, found[1].Total, found[2].Total);
    }

    /// <summary>The caller's own, or for operators any; null: it is another's, or there is none.</summary>
    private async Task<Tenant?> TenantAsync(TenantName name, HubRequest request)
    {
        if (request.Caller.IsOf(name.Value))
        {
            return new() { Name = request.Caller.Principal.Tenant };
        }

        return SeesMembers(request.Caller, name.Value)
            ? (await garden.Entitlement.ListTenantsAsync(new(), cancellationToken: request.Cancel)).Tenants.FirstOrDefault(tenant => tenant.Name.Equals(name.Value, StringComparison.OrdinalIgnoreCase))
            : null;
    }

    private async Task<IReadOnlyCollection<Member>> MembersAsync(string tenant, CancellationToken cancellationToken) =>
        (await garden.Entitlement.ListMembersAsync(new() { Tenant = tenant }, cancellationToken: cancellationToken)).Members;

    /// <summary>What is told of people and organisations is about no repository: a token for one is told nothing of it.</summary>
    private static void Unbound(Caller caller)
    {
        if (caller.BoundFault() is { } fault)
        {
            throw new ErrorException(fault);
        }
    }

    private static bool SeesMembers(Caller caller, string tenant) => caller.HasScope(Scopes.Read) && (caller.IsOf(tenant) || caller.IsOperator);
}

/// <summary>An organisation as somebody may see it.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Models">How many he sees.</param>
/// <param name="Datasets">The same of data sets.</param>
/// <param name="Apps">The same of apps.</param>
internal sealed record Organisation(string Name, string Title, long Models, long Datasets, long Apps);
