using System.Security.Cryptography;
using ModelGarden.Kernel;

namespace ModelGarden.Evidence;

/// <summary>The public keys that somebody trusts, by the names that envelopes have for them.</summary>
public sealed class PublicKeys : IDisposable
{
    private const string Label = "PUBLIC KEY";
    private const int Most = 1000;
    private readonly Dictionary<string, ECDsa> _keys = [];

    /// <summary>Those of a PEM file: one or more <c>PUBLIC KEY</c> blocks, of ECDSA on P-256.</summary>
    public static Result<PublicKeys> Read(string pem)
    {
        var keys = new PublicKeys();
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (!rest[fields.Label].SequenceEqual(Label) || keys._keys.Count >= Most || !keys.TryAdd(Convert.FromBase64String(rest[fields.Base64Data].ToString())))
            {
                return Error.Invalid("BAD_KEY", $"block {keys._keys.Count + 1} is a {Text.Shorten(rest[fields.Label].ToString())}: at most {Most} public keys of ECDSA on P-256 are expected, as `-----BEGIN {Label}-----`");
            }

            rest = rest[fields.Location.End..];
        }

        return keys._keys.Count > 0 ? keys : Error.Invalid("BAD_KEY", $"there is no public key in it: PEM with `-----BEGIN {Label}-----` is expected, as `garden audit keys` prints it");
    }

    /// <summary>How envelopes name a key: the SHA-256 of its SubjectPublicKeyInfo in DER.</summary>
    public static string IdOf(byte[] publicKey) => Convert.ToHexStringLower(SHA256.HashData(publicKey));

    public ECDsa? Find(string id) => _keys.GetValueOrDefault(id);

    public void Dispose()
    {
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }
    }

    private bool TryAdd(byte[] publicKey)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(publicKey, out var read);
            if (key.KeySize is not 256 || read != publicKey.Length)
            {
                key.Dispose();
                return false;
            }
        }
        catch (CryptographicException)
        {
            key.Dispose();
            return false;
        }

        if (!_keys.TryAdd(IdOf(publicKey), key))
        {
            key.Dispose();
        }

        return true;
    }
}
