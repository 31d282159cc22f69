using System.Security.Cryptography;
using System.Text;

namespace ModelGarden.Catalog.Collections;

/// <summary>
/// What a collection is called in addresses: <c>owner/title-in-small-letters-and-the-id</c>. Owner and id find it, so that it is found after its title has changed.
/// </summary>
/// <param name="OwnerKey">The owner in lower case.</param>
/// <param name="Id">24 hexadecimal digits.</param>
internal sealed record CollectionSlug(string OwnerKey, string Id)
{
    private const int IdBytes = 12;
    private const int IdLength = 2 * IdBytes;

    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));

    /// <summary>Null: the text is none.</summary>
    public static CollectionSlug? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || text.Length - slash <= IdLength)
        {
            return null;
        }

        var (title, id) = (text[(slash + 1)..^IdLength], text[^IdLength..]);
        return id.All(char.IsAsciiHexDigitLower) && (title.Length is 0 || title[^1] is '-') ? new(text[..slash].ToLowerInvariant(), id) : null;
    }

    public static string Of(StoredCollection row)
    {
        var slug = new StringBuilder(row.Owner).Append('/');
        foreach (var letter in row.Key)
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                slug.Append(letter);
            }
            else if (slug[^1] is not ('-' or '/'))
            {
                slug.Append('-');
            }
        }

        return slug.Append(slug[^1] is '-' or '/' ? "" : "-").Append(row.Id).ToString();
    }
}
