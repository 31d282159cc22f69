using System.Globalization;
using System.Text;

namespace ModelGarden.Catalog.Objects;

/// <summary>What git holds in place of a large file (<see href="https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md"/>), in its one canonical spelling.</summary>
internal sealed record LargeFilePointer(Sha256Digest Sha256, long Size)
{
    private const string Head = "version https://git-lfs.github.com/spec/v1\noid sha256:";
    private const string Middle = "\nsize ";
    private const int LongestPointer = 200;

    public byte[] Content => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Head}{Sha256.Hex}{Middle}{Size}\n"));

    public ObjectId Oid => ObjectId.Of("blob", Content);

    /// <summary>The pointer that a file's content is, or null when it is a file like any other.</summary>
    public static LargeFilePointer? Read(ReadOnlySpan<byte> content)
    {
        if (content.Length > LongestPointer || !content.StartsWith("version https://git-lfs.github.com/spec/v1\noid sha256:"u8))
        {
            return null;
        }

        var rest = Encoding.ASCII.GetString(content[Head.Length..]);
        return rest.Length > 64 + Middle.Length
            && Sha256Digest.Create(rest[..64]) is { Error: null, Value: var sha256 }
            && rest.AsSpan(64).StartsWith(Middle) && rest.EndsWith('\n')
            && long.TryParse(rest.AsSpan()[(64 + Middle.Length)..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? new(sha256, size)
            : null;
    }
}
