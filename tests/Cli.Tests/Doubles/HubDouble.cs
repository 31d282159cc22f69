using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Doubles;

/// <summary>One model, or data set, behind the Hub's protocol, in memory: preupload, signed PUT and PATCH, commit, tree, resolve; uploads prepared by REST.</summary>
internal sealed class HubDouble
{
    private readonly GardenDouble _garden;
    private readonly string _page;
    private readonly ConcurrentDictionary<string, byte[]> _come = new();

    public HubDouble(GardenDouble garden, string name = "acme/tiny", Contracts.V1.RepositoryKind kind = Contracts.V1.RepositoryKind.Model)
    {
        (_garden, Name) = (garden, name);
        Repository = new() { Id = "r1", Name = name, Kind = kind, Lifecycle = Lifecycle.Draft };
        _page = RepositoryPaths.PageOf(kind, name);
        var api = $"/api/{(kind is Contracts.V1.RepositoryKind.Dataset ? "datasets" : "models")}/{name}";
        garden.OnPath("POST", $"{api}/preupload/main", PreuploadAsync);
        garden.OnPath("POST", $"{api}/commit/main", CommitAsync);
        garden.OnPath("PUT", "/signed/", PutAsync);
        garden.OnPath("HEAD", "/signed/append/", HeadAsync);
        garden.OnPath("PATCH", "/signed/append/", PatchAsync);
        garden.On<PrepareUploadRequest>("PrepareUpload", Prepare);
        garden.OnPath("GET", $"{_page}/resolve/", ResolveAsync);
        garden.OnPath("GET", "/signed/", GetAsync);
        garden.On<GetRepositoryRequest>("GetRepository", _ => Exists ? Repository : throw new Refused(404, "REPOSITORY_NOT_FOUND", $"no repository {name}"));
        garden.On<CreateRepositoryRequest>("CreateRepository", request =>
        {
            Exists = true;
            Repository.Visibility = request.Visibility;
            return Repository;
        });
        garden.On<ResolveRevisionRequest>("ResolveRevision", _ => new ResolveRevisionResponse { Repository = Repository, Commit = Repository.Head, Record = Repository.Record });
        garden.On<ListTreeRequest>("ListTree", Tree);
    }

    public string Name { get; }

    public bool Exists { get; set; }

    public Repository Repository { get; }

    /// <summary>By path.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>By SHA-256.</summary>
    public ConcurrentDictionary<string, byte[]> Stored { get; } = new();

    public List<JsonObject[]> Commits { get; } = [];

    public int PartSize { get; set; } = 1 << 20;

    /// <summary>Changes a body on its way out.</summary>
    public Func<string, byte[], byte[]> Spoil { get; set; } = (_, body) => body;

    /// <summary>Puts a file there without an upload.</summary>
    public void Add(string path, byte[] content)
    {
        Files[path] = content;
        Exists = true;
        Repository.Head = new string('a', 40);
        if (IsLarge(path))
        {
            Stored[Sha256(content)] = content;
        }
    }

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static bool IsLarge(string path) => path.EndsWith(".bin", StringComparison.Ordinal);

    private static string GitOid(byte[] content) => Kernel.ObjectId.Of("blob", content).Hex;

    private static string OidOf(string path, byte[] content) => IsLarge(path) ? Sha256(content) : GitOid(content);

    private ListTreeResponse Tree(ListTreeRequest request)
    {
        // Two entries a page, so that pages are read on.
        var from = request.PageToken.Length > 0 ? int.Parse(request.PageToken, CultureInfo.InvariantCulture) : 0;
        var all = Files.OrderBy(file => file.Key, StringComparer.Ordinal).ToList();
        var answer = new ListTreeResponse { Commit = Repository.Head, NextPageToken = from + 2 < all.Count ? $"{from + 2}" : "" };
        answer.Entries.Add(new TreeEntry { Path = "folder", Folder = true });
        answer.Entries.Add(all.Skip(from).Take(2).Select(file => new TreeEntry
        {
            Path = file.Key,
            Size = file.Value.Length,
            Oid = GitOid(file.Value),
            Sha256 = IsLarge(file.Key) ? Sha256(file.Value) : "",
        }));
        return answer;
    }

    private async Task PreuploadAsync(HttpContext context)
    {
        var body = await JsonAsync(context);
        await context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["files"] = new JsonArray([.. body["files"]!.AsArray().Select(file =>
            {
                var path = (string)file!["path"]!;
                Assert.True(Convert.FromBase64String((string)file["sample"]!).Length <= 512);
                return new JsonObject
                {
                    ["path"] = path,
                    ["uploadMode"] = IsLarge(path) ? "lfs" : "regular",
                    ["shouldIgnore"] = ((string?)body["gitIgnore"])?.Split('\n').Contains(path) ?? false,
                    ["oid"] = Files.TryGetValue(path, out var present) ? OidOf(path, present) : null,
                };
            })]),
        });
    }

    private PrepareUploadResponse Prepare(PrepareUploadRequest request)
    {
        Assert.True(request.Resumable);
        var signed = $"{request.Sha256}?signature={Guid.NewGuid():n}";
        var answer = new PrepareUploadResponse { Stored = Stored.ContainsKey(request.Sha256), ExpiresAt = new() { Seconds = 2_000_000_000 } };
        if (!answer.Stored && request.Size > PartSize)
        {
            (answer.PartSize, answer.AppendUrl) = (PartSize, $"/signed/append/{request.Size}/{signed}");
        }
        else if (!answer.Stored)
        {
            answer.Url = $"/signed/whole/{signed}";
        }

        return answer;
    }

    private async Task PutAsync(HttpContext context)
    {
        if (!Keep(context.Request.Path.Value!.Split('/')[^1], await BodyAsync(context)))
        {
            await GardenDouble.RefuseAsync(context, 400, "WRONG_BYTES", "these are other bytes");
        }
    }

    private Task HeadAsync(HttpContext context)
    {
        var oid = context.Request.Path.Value!.Split('/')[^1];
        Tell(context, Stored.TryGetValue(oid, out var stored) ? stored.Length : Come(oid).Length, stored is not null);
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private async Task PatchAsync(HttpContext context)
    {
        var (request, path) = (context.Request, context.Request.Path.Value!.Split('/'));
        var (oid, size, come) = (path[^1], long.Parse(path[^2], CultureInfo.InvariantCulture), Come(path[^1]));
        Assert.Equal("application/partial-upload", request.ContentType);
        var isLast = request.Headers["Upload-Complete"].ToString() is "?1";
        if (request.Headers["Upload-Offset"].ToString() != $"{come.Length}")
        {
            Tell(context, come.Length, false);
            await GardenDouble.RefuseAsync(context, 409, "OFFSET_MISMATCH", "not here");
            return;
        }

        var body = await BodyAsync(context);
        if (request.Headers["Content-Digest"].ToString() != $"sha-256=:{Convert.ToBase64String(SHA256.HashData(body))}:")
        {
            context.Response.Headers["X-Error-Code"] = "DIGEST_MISMATCH";
            await GardenDouble.RefuseAsync(context, 400, "DIGEST_MISMATCH", "changed on the way");
            return;
        }

        Assert.Equal((Math.Min(PartSize, size - come.Length), isLast), (body.Length, come.Length + body.Length == size));
        _come[oid] = come = [.. come, .. body];
        if (isLast && !Keep(oid, come))
        {
            _come.TryRemove(oid, out _);
            await GardenDouble.RefuseAsync(context, 400, "WRONG_BYTES", "these are other bytes");
            return;
        }

        Tell(context, come.Length, isLast);
        context.Response.StatusCode = isLast ? 200 : 204;
    }

    private static void Tell(HttpContext context, long offset, bool complete)
    {
        context.Response.Headers["Upload-Offset"] = $"{offset}";
        context.Response.Headers["Upload-Complete"] = complete ? "?1" : "?0";
    }

    private static async Task<byte[]> BodyAsync(HttpContext context)
    {
        Assert.Empty(context.Request.Headers.Authorization.ToString());
        Assert.NotNull(context.Request.ContentLength);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private byte[] Come(string oid) => _come.GetValueOrDefault(oid, []);

    /// <summary>Puts bytes of a file there that come before what is sent next.</summary>
    public void Begin(byte[] file, byte[] begun) => _come[Sha256(file)] = begun;

    public void ForgetParts() => _come.Clear();

    private bool Keep(string oid, byte[] content) => Sha256(content) == oid && (Stored[oid] = content) is not null;

    private async Task CommitAsync(HttpContext context)
    {
        Assert.Equal("application/x-ndjson", context.Request.ContentType);
        using var reader = new StreamReader(context.Request.Body);
        var lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToArray();
        var parent = (string?)lines[0]["value"]!["parentCommit"] ?? "";
        if (parent != Repository.Head)
        {
            context.Response.StatusCode = 412;
            await context.Response.WriteAsJsonAsync(new JsonObject { ["error"] = "the branch has moved on" });
            return;
        }

        foreach (var line in lines[1..])
        {
            var value = line["value"]!;
            Files[(string)value["path"]!] = (string)line["key"]! is "file" ? Convert.FromBase64String((string)value["content"]!) : Stored[(string)value["oid"]!];
        }

        Commits.Add(lines);
        Repository.Head = Kernel.ObjectId.Of("commit", Encoding.UTF8.GetBytes($"{Commits.Count}")).Hex;
        await context.Response.WriteAsJsonAsync(new JsonObject { ["success"] = true, ["commitOid"] = Repository.Head, ["commitUrl"] = $"{_garden.Address}/{Name}/commit/{Repository.Head}" });
    }

    private Task ResolveAsync(HttpContext context)
    {
        var path = Uri.UnescapeDataString(context.Request.Path.Value![$"{_page}/resolve/{Repository.Head}/".Length..]);
        context.Response.Headers["X-Repo-Commit"] = Repository.Head;
        if (!IsLarge(path))
        {
            return SendAsync(context, path, Files[path]);
        }

        context.Response.StatusCode = 302;
        context.Response.Headers.Location = $"{_garden.Address}/signed/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}?signature=1";
        return Task.CompletedTask;
    }

    private Task GetAsync(HttpContext context)
    {
        Assert.Empty(context.Request.Headers.Authorization.ToString());
        var path = context.Request.Path.Value!["/signed/".Length..];
        return SendAsync(context, path, Files[path]);
    }

    private async Task SendAsync(HttpContext context, string path, byte[] content)
    {
        var from = context.Request.Headers.Range.ToString() is { Length: > 0 } range ? int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture) : 0;
        if (from > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }

        var body = Spoil(path, content[from..]);
        // One that is cut short ends in good order, so that a test knows how much has come.
        context.Response.ContentLength = body.Length == content.Length - from ? body.Length : null;
        await context.Response.Body.WriteAsync(body);
    }

    private static async Task<JsonObject> JsonAsync(HttpContext context) => (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
}
