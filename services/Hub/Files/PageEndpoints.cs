using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Files;

/// <summary>Where cards and people link to, the public hub has pages of files and folders. Here are the files and the lists themselves.</summary>
internal sealed class PageEndpoints : IEndpoints
{
    public IEnumerable<HubRoute> Routes =>
    [
        new("GET HEAD", "/{prefix}/{ns}/{name}/blob/{rev}/{*path}", ToFile),
        new("GET HEAD", "/{prefix}/{ns}/{name}/tree/{rev}", ToList),
        new("GET HEAD", "/{prefix}/{ns}/{name}/tree/{rev}/{*path}", ToList),
    ];

    private static Task ToFile(HubRequest request)
    {
        var page = request.Kind is RepositoryKind.Model ? 2 : 3;
        request.SendTo(path => string.Join('/', path.Select((segment, i) => i == page ? "resolve" : segment)));
        return Task.CompletedTask;
    }

    private static Task ToList(HubRequest request)
    {
        request.SendTo(path => $"api/{(request.Kind is RepositoryKind.Model ? "models/" : "")}{string.Join('/', path)}");
        return Task.CompletedTask;
    }
}
