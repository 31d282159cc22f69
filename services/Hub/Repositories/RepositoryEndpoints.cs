using System.Text.Json;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Repositories;

/// <summary>Makes, changes and deletes repositories.</summary>
internal sealed class RepositoryEndpoints(Garden garden, LicenseTerms terms) : IEndpoints
{
    public IEnumerable<HubRoute> Routes =>
    [
        new("POST", "/api/repos/create", CreateAsync),
        new("DELETE", "/api/repos/delete", DeleteAsync),
        new("PUT", "/api/{kind}/{ns}/{name}/settings", SettingsAsync),
    ];

    private async Task CreateAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        var kind = Kinds.FromBody(body.OptionalText("type")).OrThrow();
        var name = NameOf(request, body);
        var first = FirstCommit.From(body);
        try
        {
            var created = await garden.Catalog.CreateRepositoryAsync(
                new() { Name = name, Kind = kind, Visibility = VisibilityOf(body) ?? Visibility.Garden, FirstCommit = first }, cancellationToken: request.Cancel);
            await request.Http.WriteJsonAsync(Named(request, kind, created.Name, created.Id));
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.AlreadyExists)
        {
            await request.Http.WriteAsync(new(409, null, exception.Error.Message), new() { ["url"] = AddressOf(request, kind, name) });
        }
    }

    private async Task DeleteAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        var kind = Kinds.FromBody(body.OptionalText("type")).OrThrow();
        var name = NameOf(request, body);
        await garden.Catalog.DeleteRepositoryAsync(new() { Name = name, Kind = kind }, cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(new JsonObject { ["deleted"] = name });
    }

    private async Task SettingsAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        if (body.FirstBeside("private", "visibility", "gated") is { } unknown)
        {
            throw body.Bad(Text.Shorten(unknown), "is not a setting that is served here: private, visibility and gated are");
        }

        var repository = await garden.Catalog.GetRepositoryAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel);
        var wanted = new UpdateRepositoryRequest { Name = repository.Name, Kind = request.Kind, Visibility = VisibilityOf(body) ?? Visibility.Unspecified, Gate = GateIn(body) };
        if (wanted.Visibility is not Visibility.Unspecified || wanted.Gate is not AccessGate.Unspecified)
        {
            repository = await garden.Catalog.UpdateRepositoryAsync(wanted, cancellationToken: request.Cancel);
        }

        // What the licences demand stays, whatever the owner sets: the answer says what holds.
        var gate = (await terms.GetAsync(request.Cancel)).GateOf(repository, repository.Record?.Declared);
        var isPrivate = repository.Visibility is Visibility.Private;
        await request.Http.WriteJsonAsync(new JsonObject { ["private"] = isPrivate, ["visibility"] = isPrivate ? "private" : "public", ["gated"] = gate is null ? false : gate });
    }

    private static AccessGate GateIn(JsonFields body) => body.Find("gated") switch
    {
        null => AccessGate.Unspecified,
        { ValueKind: JsonValueKind.False } => AccessGate.None,
        { ValueKind: JsonValueKind.String } when body.OptionalText("gated") is "auto" => AccessGate.Automatic,
        { ValueKind: JsonValueKind.String } when body.OptionalText("gated") is "manual" => AccessGate.Manual,
        _ => throw body.Bad("gated", "is none of false, \"auto\" and \"manual\""),
    };

    public static Visibility? VisibilityOf(JsonFields body) => (body.OptionalText("visibility"), body.OptionalFlag("private")) switch
    {
        ("private", _) or (null, true) => Visibility.Private,
        ("public", _) or (null, false) => Visibility.Garden,
        (null, null) => null,
        var (other, _) => throw body.Bad("visibility", $"'{Text.Shorten(other)}' is not served here: use public or private"),
    };

    /// <summary>The full name; without an organisation the caller's own tenant is meant.</summary>
    private static string NameOf(HubRequest request, JsonFields body)
    {
        var name = body.Text("name");
        if (name.Contains('/', StringComparison.Ordinal))
        {
            return RepositoryName.Create(name).OrThrow().Value;
        }

        if (request.Caller.IsAnonymous)
        {
            throw new ErrorException(Error.Unauthenticated("SIGN_IN", "this needs a token: send 'Authorization: Bearer hf_garden_…'"));
        }

        return RepositoryName.Create($"{body.OptionalText("organization") ?? request.Caller.Principal.Tenant}/{name}").OrThrow().Value;
    }

    private static string AddressOf(HubRequest request, RepositoryKind kind, string name) => $"{request.Address}{RepositoryPaths.PageOf(kind, name)}";

    /// <summary>A repository that was made.</summary>
    public static JsonObject Named(HubRequest request, RepositoryKind kind, string name, string id) => new()
    {
        ["url"] = AddressOf(request, kind, name),
        ["name"] = name,
        ["id"] = ShortId.Of(id),
    };
}
