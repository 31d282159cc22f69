using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>Families of one generation, by what cards declare.</summary>
public sealed partial class CatalogDouble
{
    public override Task<ListFamilyResponse> ListFamily(ListFamilyRequest request, ServerCallContext context)
    {
        var repository = Find(request.Name, RepositoryKind.Model, context);
        var children = store.All.Where(other => other.Declared.BaseModels.Contains(repository.Name) && (other.IsPublished || context.GetCaller().IsOf(other.Owner)));
        return Task.FromResult(new ListFamilyResponse
        {
            Members = { repository.Declared.BaseModels.Select(name => new FamilyMember { Name = name, Relation = RelationOf(repository), Repository = store.Find(name)?.Describe() }) },
            Children = { children.GroupBy(RelationOf).Select(group => new FamilyCount { Relation = group.Key, Count = group.Count() }) },
        });
    }

    private static FamilyRelation RelationOf(StoredRepository repository) => Enum.Parse<FamilyRelation>(repository.Declared.BaseModelRelation, ignoreCase: true);
}
