using ModelGarden.Formats.IO;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Onnx;

/// <summary>
/// Walks an ONNX model's protobuf (<see href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto"/>), passing over tensor bytes. What it keeps is
/// bounded, however large the graph.
/// </summary>
internal sealed class OnnxExaminer(ByteReader reader, Findings findings)
{
    private const int MaximumDepth = 16;
    private const int MaximumText = OnnxOperators.MaximumText;
    private const int MaximumValues = 1024;
    private const int MaximumOperators = 4096;
    private const long MaximumElements = 1L << 48;
    private readonly ProtoReader _proto = new(reader, "onnx");
    private readonly OnnxTensors _tensors = new(reader, findings);
    private readonly List<OnnxOperatorSet> _operatorSets = [];
    private readonly List<OnnxValue> _inputs = [];
    private readonly List<OnnxValue> _outputs = [];
    private readonly SortedSet<string> _operators = new(StringComparer.Ordinal);
    private long? _irVersion;
    private string? _producer;
    private string? _producerVersion;
    private string? _graphName;
    private readonly OnnxOperators _makers = new(findings);
    private bool _hasGraph;
    private long _nodes;

    public OnnxFacts? Examine()
    {
        while (_proto.Next(reader.Length))
        {
            ReadModelField(reader.Length);
        }

        if (!reader.Failed && (_irVersion is null || !_hasGraph))
        {
            reader.Fail("onnx.incomplete", "this is no ONNX model: it has no IR version or no graph", 0);
        }

        if (reader.Failed)
        {
            return null;
        }

        _makers.Say();
        return new()
        {
            IrVersion = _irVersion!.Value,
            Producer = _producer,
            ProducerVersion = _producerVersion,
            GraphName = _graphName,
            OperatorSets = _operatorSets,
            Inputs = [.. _inputs.Where(input => !_tensors.IsInitializer(input.Name))],
            Outputs = _outputs,
            NodeCount = _nodes,
            Operators = [.. _operators],
            InitializerCount = _tensors.Count,
            Initializers = _tensors.Initializers.Tensors,
            ParametersByType = _tensors.Initializers.ByType,
            Parameters = _tensors.Initializers.Total,
            ExternalFiles = _tensors.ExternalFiles,
        };
    }

    private void ReadModelField(long end)
    {
        switch (_proto.Field)
        {
            case 1:
                _irVersion = (long)_proto.Number(end);
                break;
            case 2:
                _producer = _proto.Text(end, MaximumText);
                break;
            case 3:
                _producerVersion = _proto.Text(end, MaximumText);
                break;
            case 7:
                _hasGraph = true;
                ReadGraph(_proto.Enter(end), 0);
                break;
            case 8:
                ReadOperatorSet(_proto.Enter(end));
                break;
            case 20:
                ReadTraining(_proto.Enter(end));
                break;
            case 25:
                ReadFunction(_proto.Enter(end));
                break;
            default:
                _proto.Skip(end);
                break;
        }
    }

    private void ReadOperatorSet(long end)
    {
        var (domain, version) = ("", 0L);
        while (_proto.Next(end))
        {
            switch (_proto.Field)
            {
                case 1:
                    domain = _proto.Text(end, MaximumText);
                    break;
                case 2:
                    version = (long)_proto.Number(end);
                    break;
                default:
                    _proto.Skip(end);
                    break;
            }
        }

        if (_operatorSets.Count < MaximumValues)
        {
            _operatorSets.Add(new(domain, version));
        }
    }

    private void ReadGraph(long end, int depth)
    {
        if (depth > MaximumDepth)
        {
            reader.Fail("onnx.depth", $"graphs lie more than {MaximumDepth} deep inside each other");
        }

        while (_proto.Next(end))
        {
            switch (_proto.Field)
            {
                case 1:
                    ReadNode(_proto.Enter(end), depth);
                    break;
                case 2 when depth == 0:
                    _graphName = _proto.Text(end, MaximumText);
                    break;
                case 5:
                    _tensors.Read(_proto, _proto.Enter(end), isInitializer: true);
                    break;
                case 11 when depth == 0:
                    Keep(_inputs, ReadValue(_proto.Enter(end)));
                    break;
                case 12 when depth == 0:
                    Keep(_outputs, ReadValue(_proto.Enter(end)));
                    break;
                case 15:
                    ReadSparse(_proto.Enter(end));
                    break;
                default:
                    _proto.Skip(end);
                    break;
            }
        }
    }

    // Graphs of its own: how weights begin, and a step.
    private void ReadTraining(long end)
    {
        while (_proto.Next(end))
        {
            if (_proto.Field is 1 or 2)
            {
                ReadGraph(_proto.Enter(end), 1);
            }
            else
            {
                _proto.Skip(end);
            }
        }
    }

    private void ReadFunction(long end)
    {
        var function = new OnnxOperator("", "", "");
        while (_proto.Next(end))
        {
            switch (_proto.Field)
            {
                case 1:
                    function = function with { Type = _proto.Text(end, MaximumText) };
                    break;
                case 7:
                    ReadNode(_proto.Enter(end), 1);
                    break;
                case 10:
                    function = function with { Domain = _proto.Text(end, MaximumText) };
                    break;
                case 11:
                    ReadAttribute(_proto.Enter(end), 1);
                    break;
                case 13:
                    function = function with { Overload = _proto.Text(end, MaximumText) };
                    break;
                default:
                    _proto.Skip(end);
                    break;
            }
        }

        _makers.Define(function);
    }

    private void ReadNode(long end, int depth)
    {
        var start = reader.Position;
        var used = new OnnxOperator("", "", "");
        while (_proto.Next(end))
        {
            switch (_proto.Field)
            {
                case 4:
                    used = used with { Type = _proto.Text(end, MaximumText) };
                    break;
                case 5:
                    ReadAttribute(_proto.Enter(end), depth);
                    break;
                case 7:
                    used = used with { Domain = _proto.Text(end, MaximumText) };
                    break;
                case 8:
                    used = used with { Overload = _proto.Text(end, MaximumText) };
                    break;
                default:
                    _proto.Skip(end);
                    break;
            }
        }

        _nodes++;
        _makers.Use(used, start);
        if (_operators.Count < MaximumOperators)
        {
            _operators.Add(used.Domain is "" or "ai.onnx" ? used.Type : $"{used.Domain}:{used.Type}");
        }
    }

    private void ReadAttribute(long end, int depth)
    {
        while (_proto.Next(end))
        {
            switch (_proto.Field)
            {
                case 5 or 10:
                    _tensors.Read(_proto, _proto.Enter(end), isInitializer: false);
                    break;
                case 6 or 11:
                    ReadGraph(_proto.Enter(end), depth + 1);
                    break;
                case 22 or 23:
                    ReadSparse(_proto.Enter(end));
                    break;
                default:
                    _proto.Skip(end);
                    break;
            }
        }
    }

    // A sparse tensor is a tensor of values and one of indices.
    private void ReadSparse(long end)
    {
        while (_proto.Next(end))
        {
            if (_proto.Field is 1 or 2)
            {
                _tensors.Read(_proto, _proto.Enter(end), isInitializer: _proto.Field == 1);
            }
            else
            {
                _proto.Skip(end);
            }
        }
    }

    private OnnxValue ReadValue(long end)
    {
        var value = new OnnxValue("", "UNKNOWN", null);
        while (_proto.Next(end))
        {
            switch (_proto.Field)
            {
                case 1:
                    value = value with { Name = _proto.Text(end, MaximumText) };
                    break;
                case 2:
                    value = ReadType(_proto.Enter(end), value);
                    break;
                default:
                    _proto.Skip(end);
                    break;
            }
        }

        return value;
    }

    private OnnxValue ReadType(long end, OnnxValue value)
    {
        while (_proto.Next(end))
        {
            if (_proto.Field == 1)
            {
                value = ReadTensorType(_proto.Enter(end), value);
                continue;
            }

            value = _proto.Field switch
            {
                4 => value with { Type = "SEQUENCE" },
                5 => value with { Type = "MAP" },
                8 => value with { Type = "SPARSE_TENSOR" },
                9 => value with { Type = "OPTIONAL" },
                _ => value,
            };
            _proto.Skip(end);
        }

        return value;
    }

    private OnnxValue ReadTensorType(long end, OnnxValue value)
    {
        while (_proto.Next(end))
        {
            switch (_proto.Field)
            {
                case 1:
                    value = value with { Type = DataTypes.Name((long)_proto.Number(end)) };
                    break;
                case 2:
                    value = value with { Shape = ReadShape(_proto.Enter(end), value.Name) };
                    break;
                default:
                    _proto.Skip(end);
                    break;
            }
        }

        return value;
    }

    private List<string> ReadShape(long end, string name)
    {
        var start = reader.Position;
        var shape = new List<string>();
        while (_proto.Next(end))
        {
            if (_proto.Field == 1 && shape.Count < 64)
            {
                shape.Add(ReadDimension(_proto.Enter(end)));
            }
            else
            {
                _proto.Skip(end);
            }
        }

        var numbers = shape.Select(dimension => long.TryParse(dimension, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 1).ToArray();
        if (!reader.Failed && (numbers.Any(number => number < -1) || Tally.Elements([.. numbers.Where(number => number >= 0)]) is not <= MaximumElements))
        {
            findings.Suspicious("onnx.shape", $"value '{Text.Shorten(name)}' has a negative dimension, or more elements than any machine holds", start);
        }

        return shape;
    }

    private string ReadDimension(long end)
    {
        var dimension = "?";
        while (_proto.Next(end))
        {
            switch (_proto.Field)
            {
                case 1:
                    dimension = ((long)_proto.Number(end)).ToString(System.Globalization.CultureInfo.InvariantCulture);
                    break;
                case 2:
                    dimension = Text.Shorten(_proto.Text(end, MaximumText));
                    break;
                default:
                    _proto.Skip(end);
                    break;
            }
        }

        return dimension;
    }

    private static void Keep(List<OnnxValue> values, OnnxValue value)
    {
        if (values.Count < MaximumValues)
        {
            values.Add(value);
        }
    }
}
