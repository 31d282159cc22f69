using System.Globalization;
using System.Text;

namespace ModelGarden.Formats.Archives;

/// <summary>What stands before a member and says more of it than its header can: pax records, GNU's long names.</summary>
internal sealed class TarPax
{
    public const int MaximumLength = 64 * 1024;

    public string? Name { get; private set; }

    public string? Link { get; private set; }

    public long? Size { get; private set; }

    public bool IsSparse { get; private set; }

    public bool IsEmpty => Name is null && Link is null && Size is null && !IsSparse;

    /// <summary>Reads GNU's long name; false when there was another name already.</summary>
    public bool ReadLongName(ReadOnlySpan<byte> bytes)
    {
        var isFirst = Name is null;
        Name = Ended(bytes);
        return isFirst;
    }

    public bool ReadLongLink(ReadOnlySpan<byte> bytes)
    {
        var isFirst = Link is null;
        Link = Ended(bytes);
        return isFirst;
    }

    /// <summary>Reads records <c>length key=value\n</c>; what is wrong with them, or nothing.</summary>
    public string? Read(ReadOnlySpan<byte> records)
    {
        while (!records.IsEmpty)
        {
            var space = records.IndexOf((byte)' ');
            if (space is < 1 or > 8 || !int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length <= space + 1 || length > records.Length
                || records[length - 1] != '\n' || records[(space + 1)..length].IndexOf((byte)'=') is not (> 0 and var equals))
            {
                return "a record of an extended header is not 'length key=value'";
            }

            var key = Encoding.UTF8.GetString(records.Slice(space + 1, equals));
            if (Take(key, Encoding.UTF8.GetString(records[(space + equals + 2)..(length - 1)])) is { } fault)
            {
                return fault;
            }

            records = records[length..];
        }

        return null;
    }

    private string? Take(string key, string value)
    {
        var isAgain = key switch { "path" => Name, "linkpath" => Link, "size" => Size?.ToString(CultureInfo.InvariantCulture), _ => null } is not null;
        switch (key)
        {
            case "path":
                Name = value;
                break;
            case "linkpath":
                Link = value;
                break;
            case "size" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size):
                Size = size;
                break;
            case "size":
                return "an extended header has a size that is no number";
            default:
                IsSparse |= key.StartsWith("GNU.sparse.", StringComparison.Ordinal);
                break;
        }

        return isAgain || value.Contains('\0', StringComparison.Ordinal) ? $"an extended header says '{Kernel.Text.Shorten(key)}' twice, or with a zero byte" : null;
    }

    private static string Ended(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes.IndexOf((byte)0) is >= 0 and var end ? bytes[..end] : bytes);
}
