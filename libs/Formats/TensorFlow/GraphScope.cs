using ModelGarden.Kernel;

namespace ModelGarden.Formats.TensorFlow;

/// <summary>What is kept of a node while it is read.</summary>
internal sealed class GraphNode
{
    public const int MaximumInputs = 4;
    public const int MaximumTexts = 16;

    public required long Start { get; init; }

    public string Name { get; set; } = "";

    public string Operator { get; set; } = "";

    public List<string> Inputs { get; } = [];

    /// <summary>The texts of a constant.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>Where a printing node prints.</summary>
    public string? Stream { get; set; }
}

/// <summary>The nodes of one graph or function that matter for paths: constants that lead outside, and operators that take a path.</summary>
internal sealed class GraphScope(Findings findings)
{
    private const int Maximum = 4096;
    private readonly Dictionary<string, string> _outside = new(StringComparer.Ordinal);
    private readonly List<GraphNode> _takers = [];
    private bool _isFull;

    public void Add(GraphNode node)
    {
        if (_outside.Count + _takers.Count >= Maximum)
        {
            _isFull = true;
        }
        else if (node.Operator == "Const" && node.Texts.Find(Operators.IsOutside) is { } path)
        {
            _outside[node.Name] = path;
        }
        else if (Operators.TakesPath(node.Operator))
        {
            _takers.Add(node);
        }
    }

    public void Check()
    {
        if (_isFull)
        {
            findings.Suspicious("tensorflow.limit", $"a graph has more than {Maximum} constant paths and operators that take one: nobody looks further");
        }

        foreach (var taker in _takers)
        {
            var path = taker.Inputs.Select(input => _outside.GetValueOrDefault(input.Split(':')[0])).FirstOrDefault(found => found is not null);
            if (path is not null)
            {
                var severity = taker.Operator.StartsWith("Save", StringComparison.Ordinal) || taker.Operator is "WriteFile" or "MergeV2Checkpoints" ? FindingSeverity.Malicious : FindingSeverity.Suspicious;
                findings.Add(new("tensorflow.path", severity, $"node '{Text.Shorten(taker.Name)}' gives {taker.Operator} the place '{Text.Shorten(path)}', which is outside the model", taker.Start));
            }
        }
    }
}
