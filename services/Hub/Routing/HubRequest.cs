using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Routing;

/// <summary>One request of the protocol, with what its path says.</summary>
internal sealed class HubRequest(HttpContext http, RouteTable.Found found, string address)
{
    public HttpContext Http { get; } = http;

    /// <summary>The kind of repository that the path names; a model where it names none.</summary>
    public RepositoryKind Kind => found.Kind;

    public CancellationToken Cancel => Http.RequestAborted;

    public Caller Caller => Http.GetCaller();

    /// <summary>Where the client reaches this garden, without a slash at the end.</summary>
    public string Address { get; } = address;

    public bool IsHead => HttpMethods.IsHead(Http.Request.Method);

    /// <summary>The repository in the path. One that cannot exist is not found, like any other that does not.</summary>
    public string Repository => RepositoryName.Create($"{found.Values.GetValueOrDefault("ns")}/{found.Values.GetValueOrDefault("name")}") is { Error: null } name
        ? name.Value.Value
        : throw NoRepository(Written);

    /// <summary>Said of what cannot be a repository's name.</summary>
    public static ErrorException NoRepository(string written) => new(Error.NotFound("REPOSITORY_NOT_FOUND", $"no repository '{Text.Shorten(written)}': names are written 'namespace/name'"));

    private string Written => string.Join('/', new[] { found.Values.GetValueOrDefault("ns"), found.Values.GetValueOrDefault("name") }.OfType<string>());

    /// <summary>The address of a repository's page, under which its files are too.</summary>
    public string PageOf(string repository) => $"{Address}{RepositoryPaths.PageOf(Kind, repository)}";

    public string Value(string name) => found.Values[name];

    public string? OptionalValue(string name) => found.Values.GetValueOrDefault(name);

    /// <summary>All values of a query's key, written <c>key</c> or <c>key[]</c>.</summary>
    public IReadOnlyList<string> QueryAll(string key)
    {
        var values = StringValues.Concat(Http.Request.Query[key], Http.Request.Query[$"{key}[]"]).OfType<string>().Where(value => value.Length > 0).ToList();
        return values.Exists(value => value.Any(char.IsControl))
            ? throw new ErrorException(Error.Invalid("BAD_QUERY", $"query value {key} has a control character"))
            : values;
    }

    public string? QueryText(string key) => QueryAll(key) is [var first, ..] ? first : null;

    /// <summary><c>true</c>, <c>True</c> and <c>1</c> mean yes; absent means no.</summary>
    public bool QueryFlag(string key) => QueryBoolean(key) ?? false;

    public bool? QueryBoolean(string key) => QueryText(key)?.ToLowerInvariant() switch
    {
        null => null,
        "true" or "1" or "yes" => true,
        "false" or "0" or "no" => false,
        var other => throw new ErrorException(Error.Invalid("BAD_QUERY", $"query value {key}={Text.Shorten(other)} is not true or false")),
    };

    /// <summary>The page size asked for, within what one page holds.</summary>
    public int Limit(int usual, int maximum) => QueryText("limit") switch
    {
        null => usual,
        var text when int.TryParse(text, out var limit) && limit > 0 => Math.Min(limit, maximum),
        var text when long.TryParse(text, out var limit) && limit > 0 => maximum,
        var text => throw new ErrorException(Error.Invalid("BAD_QUERY", $"query value limit={Text.Shorten(text)} is not a number above 0")),
    };

    /// <summary>Sends the client to the same place of the repository under the name that it has now.</summary>
    public void SendTo(string repository)
    {
        var slash = repository.IndexOf('/', StringComparison.Ordinal);
        SendTo(path => found.Route.PathOf(path, repository[..slash], repository[(slash + 1)..]));
    }

    /// <summary>Sends the client elsewhere in this garden, with the same query: relative, for a HEAD of older clients follows no other.</summary>
    /// <param name="place">The path that it is sent to, without a slash before it, of the segments of its own as they were sent.</param>
    public void SendTo(Func<string[], string> place)
    {
        var target = Http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var response = Http.Response;
        response.Clear();
        response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        response.Headers.Location = $"{new Uri(Address).AbsolutePath.TrimEnd('/')}/{place(RawPath.Split(target))}{(target.IndexOf('?', StringComparison.Ordinal) is var query and >= 0 ? target[query..] : "")}";
        response.ContentLength = 0;
    }

    /// <summary>Says where the next page is.</summary>
    public void LinkNext(string cursor)
    {
        if (cursor.Length > 0)
        {
            Http.Response.Headers.Link = $"<{Paging.NextUrl(Address, Http, cursor)}>; rel=\"next\"";
        }
    }
}
