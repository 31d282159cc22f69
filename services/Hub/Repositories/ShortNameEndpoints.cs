using ModelGarden.Hub.Routing;

namespace ModelGarden.Hub.Repositories;

/// <summary>
/// What clients read of a repository with a name of one segment, such as <c>gpt2</c>, which old models of the public hub have. Here every repository is in a namespace: such a one is not found, in
/// the words that clients know. Registered last: of a repository in a namespace the others are meant.
/// </summary>
internal sealed class ShortNameEndpoints : IEndpoints
{
    private const string Reading = "GET HEAD";

    public IEnumerable<HubRoute> Routes =>
    [
        new(Reading, "/api/{kind}/{name}/revision/{rev}", Refuse),
        new(Reading, "/api/{kind}/{name}/tree/{rev}", Refuse),
        new(Reading, "/api/{kind}/{name}/tree/{rev}/{*path}", Refuse),
        new(Reading, "/api/{kind}/{name}/commits/{rev}", Refuse),
        new(Reading, "/{name}/resolve/{rev}/{*path}", Refuse),
        new(Reading, "/{name}/raw/{rev}/{*path}", Refuse),
    ];

    private static Task Refuse(HubRequest request) => throw HubRequest.NoRepository(request.Value("name"));
}
