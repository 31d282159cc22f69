using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Deployment.Tests.Doubles;

/// <summary>What the doubles of Catalog and Artifacts know: repositories with revisions, and files with bytes.</summary>
public sealed class ModelShelf
{
    private readonly ConcurrentDictionary<string, List<(string Commit, IReadOnlyList<TreeEntry> Entries)>> _repositories = new(StringComparer.OrdinalIgnoreCase);

    public ConcurrentDictionary<string, byte[]> Bytes { get; } = new();

    public ConcurrentDictionary<string, StoredFile> Files { get; } = new();

    /// <summary>Licences of every revision.</summary>
    public IReadOnlyList<string> Licenses { get; set; } = ["apache-2.0"];

    /// <summary>What Entitlement says to a deployment.</summary>
    public Decision Decision { get; set; } = new() { Allowed = true, Rule = "LICENSE_FREE" };

    /// <summary>What Entitlement was asked about last.</summary>
    public Resource? Asked { get; set; }

    /// <summary>Of every repository.</summary>
    public AccessGate Gate { get; set; } = AccessGate.None;

    /// <summary>Entitlement's feed: what it says now, and what it will say.</summary>
    public ConcurrentDictionary<string, Change> LicenseStates { get; } = new();

    public Channel<Change> LicenseChanges { get; } = Channel.CreateUnbounded<Change>();

    /// <summary>What Artifacts sends instead of a file's bytes from a position on; null: the bytes.</summary>
    public Func<byte[], long, byte[]>? Tamper { get; set; }

    /// <summary>Where each download began.</summary>
    public ConcurrentQueue<long> Downloads { get; } = new();

    /// <summary>acme accepts a licence, or withdraws.</summary>
    public void TellAcceptance(string license, bool withdrawn)
    {
        var acceptance = new Acceptance { Tenant = "acme", License = license, WithdrawnAt = withdrawn ? new Timestamp { Seconds = 1 } : null };
        Tell(new() { Sequence = 1, Key = $"acceptance/acme/{license}", State = Any.Pack(acceptance) });
    }

    /// <summary>Entitlement's feed says this, and will to who asks later.</summary>
    public void Tell(Change change)
    {
        LicenseStates[change.Key] = change;
        LicenseChanges.Writer.TryWrite(change);
    }

    /// <summary>A new commit of a repository with these files and no others.</summary>
    public string Commit(string repository, params (string Path, byte[] Content)[] files)
    {
        var entries = files.Select(file => Add(file.Path, file.Content)).ToList();
        var revisions = _repositories.GetOrAdd(repository, _ => []);
        var commit = ObjectId.Of("commit", Encoding.UTF8.GetBytes($"{repository} {revisions.Count} {string.Join(' ', entries.Select(entry => entry.Oid))}")).Hex;
        revisions.Add((commit, entries));
        return commit;
    }

    /// <summary>A commit with one model for the fake engine.</summary>
    public string CommitFake(string repository, string behaviour, string more = "", string file = "model.fake") =>
        Commit(repository, (file, Encoding.UTF8.GetBytes($$"""{"behaviour":"{{behaviour}}"{{more}}}""")));

    public (string Commit, IReadOnlyList<TreeEntry> Entries)? Find(string repository, string revision)
    {
        if (!_repositories.TryGetValue(repository, out var revisions))
        {
            return null;
        }

        return revision is "" or "HEAD" or "main" ? revisions[^1] : revisions.Where(one => one.Commit == revision).Select(one => ((string, IReadOnlyList<TreeEntry>)?)one).FirstOrDefault();
    }

    private TreeEntry Add(string path, byte[] content)
    {
        var sha256 = Sha256Digest.Of(content).Hex;
        Bytes[sha256] = content;
        Files[sha256] = new() { Sha256 = sha256, Size = content.Length, Verdict = Verdict.Clean, Facts = new() { Format = Path.GetExtension(path).TrimStart('.') } };
        return new() { Path = path, Size = content.Length, Sha256 = sha256, Oid = ObjectId.Of("blob", content).Hex };
    }
}
