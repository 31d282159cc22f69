namespace ModelGarden.Formats;

/// <summary>What of a file's name matters to those who load it.</summary>
public static class FileNames
{
    /// <summary>The name that Windows gives the file as well: without dots and spaces behind it, and without what follows two colons.</summary>
    public static string Of(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var name = path[(path.LastIndexOf('/') + 1)..];
        var stream = name.IndexOf("::", StringComparison.Ordinal);
        return (stream < 0 ? name : name[..stream]).TrimEnd('.', ' ');
    }

    /// <summary>What that ends in, with its dot, in lower case (of ASCII alone, as tools compare it); empty: nothing.</summary>
    public static string EndingOf(string path)
    {
        var ending = Path.GetExtension(Of(path));
        return string.Create(ending.Length, ending, (folded, from) =>
        {
            for (var i = 0; i < folded.Length; i++)
            {
                folded[i] = char.IsAsciiLetterUpper(from[i]) ? (char)(from[i] | 0x20) : from[i];
            }
        });
    }
}
