using System.Text;
using Google.Protobuf;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using CatalogClient = ModelGarden.Contracts.V1.Catalog.CatalogClient;

namespace ModelGarden.Catalog.Tests;

/// <summary>Makes git's objects, right ones and wrong ones, and pushes them.</summary>
internal sealed class PushBuilder(string repository)
{
    private const string Person = "Ann <ann@example.org> 1700000000 +0530";
    private readonly List<GitObject> _objects = [];
    private readonly List<RefUpdate> _updates = [];

    public bool Atomic { get; set; }

    /// <summary>Bytes that are announced beyond those that come.</summary>
    public int Announced { get; set; }

    public IReadOnlyList<GitObject> Objects => _objects;

    public static string IdOf(GitObject one) => ObjectId.Of(one.Type.ToString().ToLowerInvariant(), one.Content.Span).Hex;

    public string Object(GitObjectType type, byte[] content)
    {
        _objects.Add(new() { Type = type, Content = ByteString.CopyFrom(content) });
        return IdOf(_objects[^1]);
    }

    public string Blob(string content) => Object(GitObjectType.Blob, Encoding.UTF8.GetBytes(content));

    /// <summary>A tree of these lines in this order.</summary>
    public string Tree(params (string Mode, string Name, string Id)[] entries) => Object(
        GitObjectType.Tree, [.. entries.SelectMany(entry => (byte[])[.. Encoding.UTF8.GetBytes($"{entry.Mode} {entry.Name}\0"), .. Convert.FromHexString(entry.Id)])]);

    /// <summary>A tree with one file at the root.</summary>
    public string File(string name, string content) => Tree(("100644", name, Blob(content)));

    public string Commit(string tree, params string[] parents) => CommitText(
        $"tree {tree}\n{string.Concat(parents.Select(parent => $"parent {parent}\n"))}author {Person}\ncommitter {Person}\n\nchange\n");

    public string CommitText(string text) => Object(GitObjectType.Commit, Encoding.UTF8.GetBytes(text));

    public string Tag(string target, string name, string type = "commit") =>
        Object(GitObjectType.Tag, Encoding.UTF8.GetBytes($"object {target}\ntype {type}\ntag {name}\ntagger {Person}\n\nVersion {name}\n"));

    public PushBuilder Move(string name, string old, string @new)
    {
        _updates.Add(new() { Name = name, Old = old, New = @new });
        return this;
    }

    /// <summary>What came of each ref, in their order; empty: it is moved.</summary>
    public async Task<IReadOnlyList<string>> PushAsync(CatalogClient client, CancellationToken cancellationToken)
    {
        using var call = client.Push(cancellationToken: cancellationToken);
        var start = new PushStart { Name = repository, Updates = { _updates }, Atomic = Atomic, Objects = _objects.Count, Bytes = _objects.Sum(one => one.Content.Length) + Announced };
        await call.RequestStream.WriteAsync(new() { Start = start }, cancellationToken);
        foreach (var batch in _objects.Chunk(100))
        {
            await call.RequestStream.WriteAsync(new() { Objects = new() { Objects = { batch } } }, cancellationToken);
        }

        await call.RequestStream.CompleteAsync();
        return [.. (await call.ResponseAsync).Results.Select(result => result.Refusal)];
    }
}
