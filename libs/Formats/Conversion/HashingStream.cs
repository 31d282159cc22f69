using System.Security.Cryptography;

namespace ModelGarden.Formats.Conversion;

/// <summary>Writes through, and hashes what goes through.</summary>
internal sealed class HashingStream(Stream target) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Length { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        target.Write(bytes);
        _hash.AppendData(bytes);
        Length += bytes.Length;
    }

    public string Digest() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();
}
