using System.Globalization;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Files;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Xet;

/// <summary>A token for the Xet protocol, as its clients are told of it.</summary>
/// <param name="Token">Bearer token for the CAS alone.</param>
/// <param name="Expires">In seconds since 1970.</param>
/// <param name="Cas">Absolute address of the CAS.</param>
internal sealed record XetToken(string Token, long Expires, string Cas)
{
    /// <summary>Older clients read the headers, newer ones the body.</summary>
    public Dictionary<string, string> ToHeaders() => new()
    {
        ["X-Xet-Cas-Url"] = Cas,
        ["X-Xet-Access-Token"] = Token,
        ["X-Xet-Token-Expiration"] = Expires.ToString(CultureInfo.InvariantCulture),
    };

    public JsonObject ToJson() => new() { ["accessToken"] = Token, ["exp"] = Expires, ["casUrl"] = Cas };
}

/// <summary>Has Artifacts make Xet tokens, and writes the addresses at which clients ask for them.</summary>
internal sealed class XetLinks(Garden garden)
{
    private const int LifetimeSeconds = 3600;
    private const string HashHeader = "X-Xet-Hash";
    private const string FileInformation = "application/vnd.xet-fileinfo+json";

    /// <summary>A token that reads the files of this commit; with <paramref name="write"/> it uploads into the repository's tenant as well. The caller may: that has been checked.</summary>
    public async Task<XetToken> SignAsync(HubRequest request, string repository, string commit, bool write)
    {
        var signed = await garden.ArtifactsAsHub.SignXetAccessAsync(
            new()
            {
                Tenant = RepositoryName.Create(repository).OrThrow().Owner.Value,
                Repository = repository,
                Commit = commit,
                Write = write,
                AllowUnclean = Downloads.MayReadUnclean(request.Caller, repository),
                LifetimeSeconds = LifetimeSeconds,
                Bound = request.Caller.Principal.Repository,
            },
            cancellationToken: request.Cancel);
        return new(signed.Token, signed.ExpiresAt.Seconds, request.Address + signed.Path);
    }

    public static string WriteTokenUrl(HubRequest request, string repository) => TokenUrl(request, repository, "write", "main");

    /// <summary>Tells of a file's Xet hash where it is resolved; true: that was all that was asked for.</summary>
    public static async Task<bool> DescribeAsync(HubRequest request, string repository, string commit, string hash)
    {
        if (hash.Length is 0)
        {
            return false;
        }

        var response = request.Http.Response;
        var (refresh, reconstruction) = (TokenUrl(request, repository, "read", commit), $"{request.Address}/garden/v1/xet/v1/reconstructions/{hash}");
        response.Headers[HashHeader] = hash;
        response.Headers.Link = $"<{refresh}>; rel=\"xet-auth\", <{reconstruction}>; rel=\"xet-reconstruction-info\"";
        if (request.IsHead || !request.Http.Request.Headers.Accept.ToString().Contains(FileInformation, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var body = new JsonObject { ["hash"] = hash, ["refreshUrl"] = refresh, ["reconstructionUrl"] = reconstruction };
        await request.Http.WriteJsonAsync(body, contentType: FileInformation);
        return true;
    }

    private static string TokenUrl(HubRequest request, string repository, string scope, string revision) =>
        $"{request.Address}/api/{Kinds.ToApi(request.Kind)}/{repository}/xet-{scope}-token/{Uri.EscapeDataString(revision)}";
}
