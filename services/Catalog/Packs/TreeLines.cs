using System.Buffers.Binary;
using System.Text;
using ModelGarden.Catalog.Objects;

namespace ModelGarden.Catalog.Packs;

/// <summary>Reads a stored tree line by line off its bytes, making nothing of what nobody asks for: a clone passes thousands of trees.</summary>
internal ref struct TreeLines(ReadOnlySpan<byte> content, ReadOnlySpan<byte> sizes)
{
    private const int Sha256Size = 32;
    private ReadOnlySpan<byte> _content = content;
    private ReadOnlySpan<byte> _sizes = sizes;
    private ReadOnlySpan<byte> _name;
    private ReadOnlySpan<byte> _sha256;

    public PackedId Id { get; private set; }

    public bool IsFolder { get; private set; }

    public long Size { get; private set; }

    public readonly string Name => Encoding.UTF8.GetString(_name);

    public readonly PackedFile File => new(Id, Size, _sha256.IsEmpty ? null : Sha256Digest.FromBytes(_sha256));

    public bool MoveNext()
    {
        if (_content.IsEmpty)
        {
            return false;
        }

        var (space, end) = (_content.IndexOf((byte)' '), _content.IndexOf((byte)0));
        _name = _content[(space + 1)..end];
        Id = PackedId.Of(_content.Slice(end + 1, PackedId.Size));
        _content = _content[(end + 1 + PackedId.Size)..];
        var kind = (TreeLineKind)_sizes[0];
        _sizes = _sizes[1..];
        IsFolder = kind is TreeLineKind.Folder;
        Size = 0;
        _sha256 = default;
        if (!IsFolder)
        {
            Size = BinaryPrimitives.ReadInt64LittleEndian(_sizes);
            _sizes = _sizes[sizeof(long)..];
            _sha256 = kind is TreeLineKind.Large ? _sizes[..Sha256Size] : default;
            _sizes = _sizes[_sha256.Length..];
        }

        return true;
    }
}
