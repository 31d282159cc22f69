using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;

namespace ModelGarden.Catalog.Objects;

/// <summary>A git commit, readable from and writable to git's own text.</summary>
internal sealed record CommitObject
{
    public required ObjectId Tree { get; init; }

    public IReadOnlyList<ObjectId> Parents { get; init; } = [];

    public required string Author { get; init; }

    /// <summary>git keeps whole seconds.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The message's first line.</summary>
    public required string Summary { get; init; }

    /// <summary>The rest of the message, without the blank line between.</summary>
    public string Description { get; init; } = "";

    public byte[] ToContent()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"tree {Tree.Hex}\n");
        foreach (var parent in Parents)
        {
            text.Append(CultureInfo.InvariantCulture, $"parent {parent.Hex}\n");
        }

        var person = string.Create(CultureInfo.InvariantCulture, $"{Author} <{Author}@garden> {At.ToUnixTimeSeconds()} +0000");
        text.Append(CultureInfo.InvariantCulture, $"author {person}\ncommitter {person}\n\n{Summary}\n");
        if (Description.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{Description}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public static CommitObject Read(byte[] content)
    {
        var text = Encoding.UTF8.GetString(content);
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        var (headers, message) = end < 0 ? (text, "") : (text[..end], text[(end + 2)..]);
        var lines = headers.Split('\n');
        var author = Header(lines, "author").FirstOrDefault("");
        var newline = message.IndexOf('\n', StringComparison.Ordinal);
        return new()
        {
            Tree = ObjectId.Create(Header(lines, "tree").First()).Value,
            Parents = [.. Header(lines, "parent").Select(parent => ObjectId.Create(parent).Value)],
            Author = author.Split(" <", 2)[0],
            At = TimeOf(author),
            Summary = newline < 0 ? message : message[..newline],
            Description = newline < 0 ? "" : message[(newline + 1)..].Trim('\n'),
        };
    }

    /// <summary>As the contract has it.</summary>
    public Commit As(string id) => new()
    {
        Id = id,
        Parents = { Parents.Select(parent => parent.Hex) },
        Tree = Tree.Hex,
        Author = Author,
        At = Timestamp.FromDateTimeOffset(At),
        Summary = Summary,
        Description = Description,
    };

    private static IEnumerable<string> Header(string[] lines, string name) =>
        lines.Where(line => line.StartsWith(name + " ", StringComparison.Ordinal)).Select(line => line[(name.Length + 1)..]);

    private static DateTimeOffset TimeOf(string author)
    {
        var words = author.Split(' ');
        return words.Length > 1 && long.TryParse(words[^2], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : DateTimeOffset.UnixEpoch;
    }
}
