using System.Security.Cryptography;
using System.Text;

namespace ModelGarden.Kernel;

/// <summary>A git object id: the SHA-1 of type, length and content, as 40 lowercase hexadecimal digits
/// (<see href="https://git-scm.com/book/en/v2/Git-Internals-Git-Objects"/>).</summary>
public readonly record struct ObjectId : IParsableId<ObjectId>
{
    private readonly string? _hex;

    private ObjectId(string hex) => _hex = hex;

    public string Hex => _hex ?? throw new InvalidOperationException("default object id");

    public static Result<ObjectId> Create(string? text) => text is { Length: 40 } && text.All(char.IsAsciiHexDigitLower)
        ? new ObjectId(text)
        : Error.Invalid("BAD_OBJECT_ID", $"'{Text.Shorten(text)}' is not a git object id: 40 lowercase hexadecimal digits are expected");

    /// <summary>The id that git gives an object of this type (<c>blob</c>, <c>tree</c>, <c>commit</c>, <c>tag</c>) and content.</summary>
    public static ObjectId Of(string type, ReadOnlySpan<byte> content)
    {
#pragma warning disable CA5350 // SHA-1 is git's object id, not a protection: files are protected by their SHA-256
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        hash.AppendData(Encoding.ASCII.GetBytes($"{type} {content.Length}\0"));
        hash.AppendData(content);
        return new(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    public override string ToString() => _hex ?? "";
}
