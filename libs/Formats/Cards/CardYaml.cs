using ModelGarden.Kernel;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ModelGarden.Formats.Cards;

/// <summary>
/// Builds a front matter's values from YAML events, or those of another small file (JSON is YAML). Bounded in depth and in what aliases unfold to, so that a small file cannot become a
/// large value; the first fault ends it.
/// </summary>
public sealed class CardYaml
{
    private const int MaximumDepth = 32;
    private const long MaximumNodes = 50_000;
    private const long MaximumText = 2 * ModelCard.MaximumLength;
    private readonly Dictionary<string, (CardNode Node, long Nodes, long Text)> _anchors = new(StringComparer.Ordinal);
    private readonly List<CardIssue> _issues;
    private readonly Parser _parser;
    private readonly int _firstLine;
    private long _nodes;
    private long _text;

    private CardYaml(string yaml, int firstLine, List<CardIssue> issues)
    {
        _parser = new Parser(new StringReader(yaml));
        (_firstLine, _issues) = (firstLine, issues);
    }

    /// <summary>The mapping that the text holds, empty when it holds nothing; null with an issue when it is no mapping.</summary>
    /// <param name="yaml">The text between the <c>---</c> lines.</param>
    /// <param name="firstLine">The line of the file on which it begins, from 1.</param>
    /// <param name="issues">Where faults go.</param>
    public static CardMap? Parse(string yaml, int firstLine, List<CardIssue> issues)
    {
        var parser = new CardYaml(yaml, firstLine, issues);
        try
        {
            return parser.ReadDocument();
        }
        catch (Exception exception) when (IsFaultOfTheText(exception))
        {
            var (line, column) = exception is YamlException { Start: var start } ? parser.Place(start) : (firstLine, 1);
            issues.Add(new(CardSeverity.Error, line, column, "", $"not YAML: {Text.Shorten(exception.Message, 200)}"));
            return null;
        }
    }

    private CardMap? ReadDocument()
    {
        while (_parser.MoveNext() && _parser.Current is StreamStart or DocumentStart or Comment)
        {
        }

        if (_parser.Current is null or StreamEnd or DocumentEnd)
        {
            return new(_firstLine, 1, []);
        }

        var node = Read("", 0);
        if (node is CardScalar { IsNull: true })
        {
            return new(node.Line, node.Column, []);
        }

        if (node is not (null or CardMap))
        {
            Report(node.Line, node.Column, "", "a mapping of fields to values is expected here");
        }

        return node as CardMap;
    }

    /// <summary>Reads the value that begins with the current event and leaves the event after it current; null after a fault.</summary>
    private CardNode? Read(string path, int depth)
    {
        var (line, column) = Place(_parser.Current!);
        if (depth > MaximumDepth || ++_nodes > MaximumNodes || _text > MaximumText)
        {
            Report(line, column, path, $"values lie more than {MaximumDepth} deep, are more than {MaximumNodes}, or unfold to more than {MaximumText} characters");
            return null;
        }

        var (nodes, text) = (_nodes, _text);
        var current = _parser.Current as NodeEvent;
        var node = _parser.Current switch
        {
            Scalar scalar => ReadScalar(scalar, line, column),
            SequenceStart => ReadList(path, depth, line, column),
            MappingStart => ReadMap(path, depth, line, column),
            AnchorAlias alias => ReadAlias(alias, path, line, column),
            _ => null,
        };
        if (node is not null && current is { Anchor.IsEmpty: false })
        {
            _anchors[current.Anchor.Value] = (node, _nodes - nodes + 1, _text - text);
        }

        return node;
    }

    private CardScalar ReadScalar(Scalar scalar, int line, int column)
    {
        _text += scalar.Value.Length;
        Move();
        return new(line, column, scalar.Value, scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty);
    }

    private CardList? ReadList(string path, int depth, int line, int column)
    {
        var items = new List<CardNode>();
        Move();
        while (_parser.Current is not (SequenceEnd or null))
        {
            if (Read($"{path}[{items.Count}]", depth + 1) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        Move();
        return new(line, column, items);
    }

    private CardMap? ReadMap(string path, int depth, int line, int column)
    {
        var entries = new List<KeyValuePair<CardScalar, CardNode>>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        Move();
        while (_parser.Current is not (MappingEnd or null))
        {
            if (ReadKey(path, depth, names) is not { } key || Read(Join(path, key.Text), depth + 1) is not { } value)
            {
                return null;
            }

            entries.Add(new(key, value));
        }

        Move();
        return new(line, column, entries);
    }

    private CardScalar? ReadKey(string path, int depth, HashSet<string> names)
    {
        var (line, column) = Place(_parser.Current!);
        if (Read(path, depth + 1) is not { } node)
        {
            return null;
        }

        if (node is not CardScalar key)
        {
            Report(line, column, path, "a field's name is to be text");
            return null;
        }

        if (!names.Add(key.Text))
        {
            Report(line, column, Join(path, key.Text), "the field comes twice");
            return null;
        }

        return key;
    }

    private CardNode? ReadAlias(AnchorAlias alias, string path, int line, int column)
    {
        // An anchor is known only once its value is complete, so a value cannot contain itself.
        if (!_anchors.TryGetValue(alias.Value.Value, out var anchored))
        {
            Report(line, column, path, $"the alias '*{Text.Shorten(alias.Value.Value)}' stands for nothing, or for a value around itself");
            return null;
        }

        _nodes += anchored.Nodes;
        _text += anchored.Text;
        Move();
        return anchored.Node;
    }

    private void Move()
    {
        while (_parser.MoveNext() && _parser.Current is Comment)
        {
        }
    }

    private (int Line, int Column) Place(ParsingEvent value) => Place(value.Start);

    private (int Line, int Column) Place(Mark mark) => (_firstLine + (int)Math.Max(0, mark.Line - 1), (int)Math.Max(1, mark.Column));

    // An exception is the parser's way to say that a text is no YAML. Mostly a YamlException; on some broken texts ('[a: b', a new line, 'c' is one) it runs
    // into an error of its own, which says the same.
    private static bool IsFaultOfTheText(Exception exception) =>
        exception is YamlException or InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException;

    private void Report(int line, int column, string path, string message) => _issues.Add(new(CardSeverity.Error, line, column, Text.Shorten(path), message));

    private static string Join(string path, string key) => path.Length == 0 ? Text.Shorten(key) : path.Length > 200 ? path : $"{path}.{Text.Shorten(key)}";
}
