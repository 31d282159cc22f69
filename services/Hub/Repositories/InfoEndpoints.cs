using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Hub.Files;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Repositories;

/// <summary>Describes one repository, and says whether the caller may have its files.</summary>
internal sealed class InfoEndpoints(Garden garden, LicenseTerms terms, Siblings siblings, Family family, SecurityStatus security, Gate gate) : IEndpoints
{
    public IEnumerable<HubRoute> Routes =>
    [
        new("GET HEAD", "/api/{kind}/{ns}/{name}", InfoAsync),
        new("GET HEAD", "/api/{kind}/{ns}/{name}/revision/{rev}", InfoAsync),
        new("GET HEAD", "/api/{kind}/{name}", InfoAsync),
        new("GET HEAD", "/api/{kind}/{ns}/{name}/auth-check", AuthCheckAsync),
        new("GET HEAD", "/api/{kind}/{ns}/{name}/auth-check/write", WriteCheckAsync),
    ];

    private async Task InfoAsync(HubRequest request)
    {
        var found = await ResolveAsync(request, request.OptionalValue("rev") ?? "");
        var json = RepositoryJson.Describe(found.Repository, found.Record, found.Commit, found.CommittedAt, await terms.GetAsync(request.Cancel));
        var expand = Expansion.Of(request);
        if (expand.Wants("siblings"))
        {
            json["siblings"] = await siblings.ListAsync(found.Repository.Name, request.Kind, found.Commit, request.QueryFlag("blobs"), request.Cancel);
        }

        if (Family.IsAsked(expand))
        {
            await family.AddAsync(json, found.Repository, request.Cancel);
        }

        if (expand.IsAsked ? expand.Fields.Contains(SecurityStatus.Field) : request.QueryFlag("securityStatus"))
        {
            json[SecurityStatus.Field] = await security.ReadAsync(found, request.Kind, request.Cancel);
        }

        if (found.Commit.Length > 0)
        {
            request.Http.Response.Headers[Headers.RepoCommit] = found.Commit;
        }

        await request.Http.WriteJsonAsync(expand.Apply(json));
    }

    private async Task AuthCheckAsync(HubRequest request)
    {
        var found = await ResolveAsync(request, "");
        await gate.PassAsync(request, Resource.Of(found));
        await request.Http.WriteJsonAsync(new JsonObject { ["ok"] = true });
    }

    private async Task WriteCheckAsync(HubRequest request)
    {
        var repository = await garden.Catalog.GetRepositoryAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel);
        Ownership.Check(request, repository.Name);
        await request.Http.WriteJsonAsync(new JsonObject { ["ok"] = true });
    }

    private async Task<ResolveRevisionResponse> ResolveAsync(HubRequest request, string revision) =>
        await garden.Catalog.ResolveRevisionAsync(new() { Name = request.Repository, Revision = revision, Kind = request.Kind }, cancellationToken: request.Cancel);
}
