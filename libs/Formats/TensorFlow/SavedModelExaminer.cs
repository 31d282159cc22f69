using ModelGarden.Formats.IO;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.TensorFlow;

/// <summary>
/// Walks the protobuf of a SavedModel, or of a graph alone, with its library of functions, and looks at each node's operator and at the constant paths that
/// go into those that take one. Tensors are passed over.
/// </summary>
internal sealed class SavedModelExaminer(Content content)
{
    private const int MaximumText = 512;
    private readonly ByteReader _reader = content.Reader;
    private readonly ProtoReader _proto = new(content.Reader, "tensorflow");
    private readonly HashSet<string> _said = [];

    public FormatFacts? Examine()
    {
        // What shows nothing is read as it begins.
        var kinds = Recognition.ShapeOf(_reader, content.Walk) & (ProtoKinds.Graph | ProtoKinds.MetaGraph | ProtoKinds.SavedModel);
        kinds = kinds != 0 ? kinds : _reader.Peek(1) is [0x0A] ? ProtoKinds.Graph : ProtoKinds.SavedModel;
        if (!int.IsPow2((int)kinds))
        {
            content.Findings.Suspicious("tensorflow.several", "the file is several of a SavedModel, a graph with its description and a graph alone: loaders disagree on which", 0);
        }

        ReadAs(kinds & ProtoKinds.MetaGraph, ReadMetaGraph);
        ReadAs(kinds & ProtoKinds.SavedModel, ReadSavedModel);
        ReadAs(kinds & ProtoKinds.Graph, ReadGraph);
        return null;
    }

    // One file may be read as several things: then it is looked at as each.
    private void ReadAs(ProtoKinds kind, Action<long> read)
    {
        if (kind == 0 || _reader.Failed)
        {
            return;
        }

        if (_reader is { CanSeek: true, Position: > 0 })
        {
            _reader.SeekTo(0);
        }

        read(_reader.Length);
    }

    private void ReadSavedModel(long end)
    {
        while (_proto.Next(end))
        {
            if (_proto.Field == 2)
            {
                ReadMetaGraph(_proto.Enter(end));
            }
            else
            {
                _proto.Skip(end);
            }
        }
    }

    private void ReadMetaGraph(long end)
    {
        while (_proto.Next(end))
        {
            switch (_proto.Field)
            {
                case 2:
                    ReadGraph(_proto.Enter(end));
                    break;
                case 6:
                    ReadAsset(_proto.Enter(end));
                    break;
                default:
                    _proto.Skip(end);
                    break;
            }
        }
    }

    private void ReadAsset(long end)
    {
        while (_proto.Next(end))
        {
            if (_proto.Field != 2)
            {
                _proto.Skip(end);
                continue;
            }

            var start = _reader.Position;
            var name = _proto.Text(end, MaximumText);
            if (!_reader.Failed && FilePath.Create(name).Error is { } error)
            {
                content.Findings.Add(new("tensorflow.asset", FindingSeverity.Malicious, $"an asset is to be read outside the model: {error.Message}", start));
            }
        }
    }

    private void ReadGraph(long end)
    {
        var scope = new GraphScope(content.Findings);
        while (_proto.Next(end))
        {
            switch (_proto.Field)
            {
                case 1:
                    ReadNode(_proto.Enter(end), scope);
                    break;
                case 2:
                    ReadLibrary(_proto.Enter(end));
                    break;
                default:
                    _proto.Skip(end);
                    break;
            }
        }

        scope.Check();
    }

    private void ReadLibrary(long end)
    {
        while (_proto.Next(end))
        {
            if (_proto.Field == 1)
            {
                ReadFunction(_proto.Enter(end));
            }
            else
            {
                _proto.Skip(end);
            }
        }
    }

    private void ReadFunction(long end)
    {
        var scope = new GraphScope(content.Findings);
        while (_proto.Next(end))
        {
            if (_proto.Field == 3)
            {
                ReadNode(_proto.Enter(end), scope);
            }
            else
            {
                _proto.Skip(end);
            }
        }

        scope.Check();
    }

    private void ReadNode(long end, GraphScope scope)
    {
        content.Walk.Check(_reader);
        var node = new GraphNode { Start = _reader.Position };
        while (_proto.Next(end))
        {
            switch (_proto.Field)
            {
                case 1:
                    node.Name = _proto.Text(end, MaximumText);
                    break;
                case 2:
                    node.Operator = _proto.Text(end, MaximumText);
                    break;
                case 3 when node.Inputs.Count < GraphNode.MaximumInputs:
                    node.Inputs.Add(_proto.Text(end, MaximumText));
                    break;
                case 5:
                    ReadAttribute(_proto.Enter(end), node);
                    break;
                default:
                    _proto.Skip(end);
                    break;
            }
        }

        if (!_reader.Failed)
        {
            Weigh(node);
            scope.Add(node);
        }
    }

    private void Weigh(GraphNode node)
    {
        if (Operators.Weigh(node.Operator) is { } weight && _said.Add(node.Operator))
        {
            content.Findings.Add(new("tensorflow.operator", weight.Severity, $"node '{Text.Shorten(node.Name)}': the operator {node.Operator} {weight.What}", node.Start));
        }
        else if (node is { Operator: "PrintV2", Stream: { } stream } && stream is not ("stderr" or "stdout" or "log(info)" or "log(warning)" or "log(error)"))
        {
            content.Findings.Add(new("tensorflow.operator", FindingSeverity.Malicious, $"node '{Text.Shorten(node.Name)}': the operator PrintV2 writes to '{Text.Shorten(stream)}' when the graph runs", node.Start));
        }
    }

    // An entry of a map: the key, then the value; in either order.
    private void ReadAttribute(long end, GraphNode node)
    {
        var (key, value) = ("", (string?)null);
        while (_proto.Next(end))
        {
            switch (_proto.Field)
            {
                case 1:
                    key = _proto.Text(end, MaximumText);
                    break;
                case 2:
                    value = ReadValue(_proto.Enter(end), node);
                    break;
                default:
                    _proto.Skip(end);
                    break;
            }
        }

        node.Stream = key == "output_stream" ? value : node.Stream;
    }

    private string? ReadValue(long end, GraphNode node)
    {
        string? text = null;
        while (_proto.Next(end))
        {
            switch (_proto.Field)
            {
                case 2:
                    text = ReadBytes(_proto.Enter(end));
                    break;
                case 8:
                    ReadTensor(_proto.Enter(end), node);
                    break;
                default:
                    _proto.Skip(end);
                    break;
            }
        }

        return text;
    }

    private void ReadTensor(long end, GraphNode node)
    {
        while (_proto.Next(end))
        {
            if (_proto.Field == 8 && node.Texts.Count < GraphNode.MaximumTexts)
            {
                node.Texts.Add(ReadBytes(_proto.Enter(end)));
            }
            else
            {
                _proto.Skip(end);
            }
        }
    }

    // Any bytes may be a text here; only paths matter.
    private string ReadBytes(long end)
    {
        var length = end - _reader.Position;
        var text = System.Text.Encoding.Latin1.GetString(_reader.Take((int)Math.Min(length, MaximumText)));
        _reader.Skip(end - _reader.Position);
        return text;
    }
}
