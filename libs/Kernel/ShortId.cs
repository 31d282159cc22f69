using System.Security.Cryptography;
using System.Text;

namespace ModelGarden.Kernel;

/// <summary>Ids as the Hugging Face protocol has them: 24 hexadecimal digits.</summary>
public static class ShortId
{
    private const int Length = 24;

    /// <summary>What stands for one of our ids, always the same.</summary>
    public static string Of(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..Length];
}
