using System.Text;
using System.Security.Cryptography;
using System.Runtime.InteropServices;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Archives;

/// <summary>Where the members of a tar would be unpacked to, and where its links lead: all of it must stay inside.</summary>
internal sealed class TarPaths(Findings findings)
{
    // Names are kept as 128 bits of their SHA-256: sixteen bytes each, however long they are.
    private readonly HashSet<UInt128> _names = [];
    private readonly HashSet<UInt128> _links = [];

    public void Check(TarHeader member, long offset)
    {
        var name = Plain(member.Name);
        if (name.Length == 0 && member.IsFolder)
        {
            return;
        }

        if (FilePath.Create(name).Error is { } error)
        {
            findings.Suspicious("tar.path", $"a member would be unpacked to a place outside, or not at all: {error.Message}", offset);
            return;
        }

        if (!_names.Add(Fingerprint(name)) && !member.IsFolder)
        {
            findings.Suspicious("tar.duplicate", $"two members are called '{Text.Shorten(name)}', or differ in case alone: readers disagree on which is meant", offset);
        }

        if (PassesLink(name))
        {
            findings.Suspicious("tar.through-link", $"member '{Text.Shorten(name)}' would be unpacked through a link", offset);
        }

        if (member.IsLink)
        {
            CheckLink(member, name, offset);
        }
    }

    // A symbolic link is read from where it lies, a hard one from the root.
    private void CheckLink(TarHeader member, string name, long offset)
    {
        var isSymbolic = member.Type == '2';
        var folder = isSymbolic && name.LastIndexOf('/') is > 0 and var end ? name[..end] : "";
        var target = isSymbolic ? member.Link : Plain(member.Link);
        if (Resolve(folder, target) is not { } resolved)
        {
            findings.Suspicious("tar.link", $"link '{Text.Shorten(name)}' leads outside, to '{Text.Shorten(target)}'", offset);
        }
        else if (PassesLink(resolved) || (target.Contains("..", StringComparison.Ordinal) && PassesLink(Path.Join(folder, target))))
        {
            findings.Suspicious("tar.through-link", $"link '{Text.Shorten(name)}' leads through another link, to '{Text.Shorten(target)}'", offset);
        }

        if (isSymbolic)
        {
            _links.Add(Fingerprint(name));
        }
    }

    private static string? Resolve(string folder, string target)
    {
        if (target.Length is 0 or > 4096 || target[0] == '/' || target.Contains('\\', StringComparison.Ordinal) || target.Any(char.IsControl) || (target.Length > 1 && target[1] == ':'))
        {
            return null;
        }

        var way = new List<string>(folder.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var step in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (step == ".." && way.Count == 0)
            {
                return null;
            }

            switch (step)
            {
                case ".":
                    break;
                case "..":
                    way.RemoveAt(way.Count - 1);
                    break;
                default:
                    way.Add(step);
                    break;
            }
        }

        return string.Join('/', way);
    }

    private bool PassesLink(string path)
    {
        for (var at = path.IndexOf('/', StringComparison.Ordinal); at > 0 && _links.Count > 0; at = path.IndexOf('/', at + 1))
        {
            if (_links.Contains(Fingerprint(path[..at])))
            {
                return true;
            }
        }

        return false;
    }

    // "./a/" is how most tars say "a".
    private static string Plain(string name)
    {
        while (name.StartsWith("./", StringComparison.Ordinal))
        {
            name = name[2..];
        }

        return name == "." ? "" : name.TrimEnd('/') is { Length: > 0 } plain ? plain : name;
    }

    private static UInt128 Fingerprint(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name.ToUpperInvariant()), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
