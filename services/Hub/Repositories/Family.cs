using System.Text.Json;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Wire;

namespace ModelGarden.Hub.Repositories;

/// <summary>What a model was made of, and how many were made of it: told to clients that ask for it by name, for it costs a call.</summary>
internal sealed class Family(Garden garden)
{
    private const string BaseModels = "baseModels";
    private const string Children = "childrenModelCount";
    private const int MaximumBases = 100;

    public static bool IsAsked(Expansion expand) => expand.Fields.Contains(BaseModels) || expand.Fields.Contains(Children);

    /// <summary>As the caller may see it. A base model that is not in this garden has no <c>_id</c>.</summary>
    public async Task AddAsync(JsonObject json, Repository repository, CancellationToken cancellationToken)
    {
        if (repository.Kind is not RepositoryKind.Model)
        {
            return;
        }

        var found = await garden.Catalog.ListFamilyAsync(
            new() { Name = repository.Name, Direction = FamilyDirection.Ancestors, PageSize = MaximumBases }, cancellationToken: cancellationToken);
        json[Children] = new JsonObject(found.Children.Select(count => KeyValuePair.Create(Word(count.Relation), (JsonNode?)count.Count)));
        if (found.Members is [var first, ..])
        {
            json[BaseModels] = new JsonObject { ["relation"] = Word(first.Relation), ["models"] = new JsonArray([.. found.Members.Select(Describe)]) };
        }
    }

    private static JsonObject Describe(FamilyMember member)
    {
        var json = new JsonObject { ["id"] = member.Name };
        if (member.Repository is { } repository)
        {
            json.Insert(0, "_id", Kernel.ShortId.Of(repository.Id));
        }

        return json;
    }

    private static string Word(FamilyRelation relation) => JsonNamingPolicy.SnakeCaseLower.ConvertName(relation.ToString());
}
