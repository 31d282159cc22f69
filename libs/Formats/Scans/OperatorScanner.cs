using System.Text.RegularExpressions;
using ModelGarden.Formats.TensorFlow;

namespace ModelGarden.Formats.Scans;

/// <summary>Looks for the names of TensorFlow's dangerous operators where a graph may be in another form than the one that is parsed.</summary>
internal sealed partial class OperatorScanner(Findings findings) : IScanner
{
    private readonly HashSet<string> _said = [];

    public void Look(ReadOnlySpan<char> text, int begin, int end, long offset)
    {
        foreach (var match in Word().EnumerateMatches(text, begin))
        {
            if (match.Index >= end)
            {
                return;
            }

            var name = text.Slice(match.Index, match.Length).ToString();
            if (Operators.Weigh(name) is { } weight && _said.Add(name))
            {
                findings.Add(new("tensorflow.operator", weight.Severity, $"the operator {name} {weight.What}", offset + match.Index));
            }
        }
    }

    [GeneratedRegex("(?<![A-Za-z0-9_])(?:PyFunc|PyFuncStateless|EagerPyFunc|WriteFile|ReadFile|MatchingFiles|WholeFileReader|WholeFileReaderV2|TextLineDataset|TFRecordDataset|FixedLengthRecordDataset|ImmutableConst|DebugIdentity|Rpc|TryRpc|RpcCall|SaveDataset|SaveDatasetV2|LoadDataset|DatasetFromGraph)(?![A-Za-z0-9_])")]
    private static partial Regex Word();
}
