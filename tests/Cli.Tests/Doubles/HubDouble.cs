using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Doubles;

/// <summary>One model behind the Hub's protocol, in memory: preupload, LFS batch, signed PUT, parts, commit, tree, resolve.</summary>
internal sealed class HubDouble
{
    private readonly GardenDouble _garden;
    private readonly ConcurrentDictionary<string, byte[]> _parts = new();

    public HubDouble(GardenDouble garden, string name = "acme/tiny")
    {
        (_garden, Name) = (garden, name);
        Repository = new() { Id = "r1", Name = name, Kind = Contracts.V1.RepositoryKind.Model, Lifecycle = Lifecycle.Draft };
        garden.OnPath("POST", $"/api/models/{name}/preupload/main", PreuploadAsync);
        garden.OnPath("POST", $"/{name}.git/info/lfs/objects/batch", BatchAsync);
        garden.OnPath("POST", $"/api/models/{name}/commit/main", CommitAsync);
        garden.OnPath("PUT", "/signed/", PutAsync);
        garden.OnPath("POST", "/signed/complete/", CompleteAsync);
        garden.OnPath("GET", $"/{name}/resolve/", ResolveAsync);
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

    private async Task BatchAsync(HttpContext context)
    {
        Assert.Equal("application/vnd.git-lfs+json", context.Request.ContentType);
        var body = await JsonAsync(context);
        await context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["transfer"] = "multipart",
            ["objects"] = new JsonArray([.. body["objects"]!.AsArray().Select(one => ToObject((string)one!["oid"]!, (long)one["size"]!))]),
        });
    }

    private JsonObject ToObject(string oid, long size)
    {
        var answer = new JsonObject { ["oid"] = oid, ["size"] = size };
        if (Stored.ContainsKey(oid))
        {
            return answer;
        }

        var upload = new JsonObject { ["href"] = $"{_garden.Address}/signed/whole/{oid}?signature={Guid.NewGuid():n}" };
        if (size > PartSize)
        {
            var header = new JsonObject { ["chunk_size"] = $"{PartSize}" };
            for (var part = 1; part <= (size + PartSize - 1) / PartSize; part++)
            {
                header[$"{part:D5}"] = $"{_garden.Address}/signed/part/{oid}/{part}?signature={Guid.NewGuid():n}";
            }

            upload = new() { ["href"] = $"{_garden.Address}/signed/complete/{oid}?signature={Guid.NewGuid():n}", ["header"] = header };
        }

        answer["actions"] = new JsonObject { ["upload"] = upload };
        return answer;
    }

    private async Task PutAsync(HttpContext context)
    {
        Assert.Empty(context.Request.Headers.Authorization.ToString());
        Assert.NotNull(context.Request.ContentLength);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var path = context.Request.Path.Value!.Split('/');
        if (path[2] is "part")
        {
            _parts[$"{path[3]}/{path[4]}"] = body.ToArray();
        }
        else if (!Keep(path[3], body.ToArray()))
        {
            await GardenDouble.RefuseAsync(context, 400, "WRONG_BYTES", "these are other bytes");
            return;
        }

        context.Response.Headers.ETag = $"\"{Sha256(body.ToArray())}\"";
    }

    private async Task CompleteAsync(HttpContext context)
    {
        var body = await JsonAsync(context);
        var oid = (string)body["oid"]!;
        var parts = body["parts"]!.AsArray().OrderBy(part => (int)part!["partNumber"]!).ToList();
        var missing = parts.FirstOrDefault(part => !_parts.TryGetValue($"{oid}/{part!["partNumber"]}", out var bytes) || $"\"{Sha256(bytes)}\"" != (string)part["etag"]!);
        if (missing is not null)
        {
            await GardenDouble.RefuseAsync(context, 409, "PART_MISSING", $"part {missing["partNumber"]} has not come");
            return;
        }

        var whole = parts.SelectMany(part => _parts[$"{oid}/{part!["partNumber"]}"]).ToArray();
        if (!Keep(oid, whole))
        {
            await GardenDouble.RefuseAsync(context, 400, "WRONG_BYTES", "these are other bytes");
        }
    }

    public void ForgetParts() => _parts.Clear();

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
        var path = Uri.UnescapeDataString(context.Request.Path.Value![$"/{Name}/resolve/{Repository.Head}/".Length..]);
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
