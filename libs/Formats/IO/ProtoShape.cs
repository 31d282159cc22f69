namespace ModelGarden.Formats.IO;

/// <summary>What a protobuf message may be, by which fields it has inside which: parsers take fields in every order, and pass over those that they do not know.</summary>
[Flags]
internal enum ProtoKinds
{
    None = 0,

    /// <summary>TensorFlow's node: a name and an operator.</summary>
    Node = 1,
    Function = 2,
    Library = 4,
    Graph = 8,
    MetaGraph = 16,
    SavedModel = 32,

    OnnxNode = 64,
    OnnxTensor = 128,
    OnnxGraph = 256,
    OnnxModel = 512,
}

/// <summary>Walks the fields of a message once, as deep as it matters, and says what it may be. Only what is a message to its last byte is any.</summary>
internal sealed class ProtoShape(ByteReader reader, Walk walk)
{
    private const int MaximumDepth = 6;
    private const int MaximumName = 256;
    private const ulong MaximumField = 536_870_911;
    private const int Clock = 1 << 16;
    private int _fields;

    public static ProtoKinds Of(ByteReader reader, Walk walk) => new ProtoShape(reader, walk).Read(reader.Length, 0);

    private ProtoKinds Read(long end, int depth)
    {
        var marks = new Marks();
        while (reader.Position < end)
        {
            if (!Tag(end, out var field, out var wire) || !Value(end, wire, out var inside) || reader.Failed)
            {
                return ProtoKinds.None;
            }

            if (wire == Wire.Bytes)
            {
                marks.HasText(field, reader, inside);
                marks.Has(field, depth < MaximumDepth && field is 1 or 2 or 3 or 5 or 7 or 15 ? Read(inside, depth + 1) : ProtoKinds.None);
            }
            else if (wire == Wire.Varint)
            {
                marks.HasNumber(field);
            }

            reader.Skip(inside - reader.Position);
        }

        return reader.Failed ? ProtoKinds.None : marks.Kinds;
    }

    private bool Tag(long end, out int field, out Wire wire)
    {
        if (++_fields % Clock == 0)
        {
            walk.Check(reader);
        }

        var isTag = Varint(end, out var tag) && tag >> 3 is > 0 and <= MaximumField;
        (field, wire) = isTag ? ((int)(tag >> 3), (Wire)(tag & 7)) : default;
        return isTag;
    }

    // Where the value ends. A group has none of its own: its fields are taken for those of the message around it.
    private bool Value(long end, Wire wire, out long inside)
    {
        var length = 0UL;
        var isValue = wire switch
        {
            Wire.Varint => Varint(end, out _),
            Wire.Bytes => Varint(end, out length),
            Wire.Fixed64 => (length = 8) > 0,
            Wire.Fixed32 => (length = 4) > 0,
            (Wire)3 or (Wire)4 => true,
            _ => false,
        };
        isValue &= length <= (ulong)(end - reader.Position);
        inside = reader.Position + (isValue ? (long)length : 0);
        return isValue;
    }

    private bool Varint(long end, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70 && reader.Position < end; shift += 7)
        {
            var part = reader.U8();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What was seen in one message.</summary>
    private struct Marks
    {
        private bool _hasName;
        private bool _hasOperator;
        private bool _hasOnnxOperator;
        private bool _hasOnnxType;
        private bool _hasOnnxData;
        private bool _hasVersion;
        private ProtoKinds _children;

        public readonly ProtoKinds Kinds =>
            (_hasName && _hasOperator ? ProtoKinds.Node : 0)
            | (_hasOnnxOperator ? ProtoKinds.OnnxNode : 0)
            | (_hasOnnxType && _hasOnnxData ? ProtoKinds.OnnxTensor : 0)
            | (_hasVersion ? _children & ~ProtoKinds.MetaGraph : _children);

        public void HasNumber(int field)
        {
            // A graph with its description has none; other models have the version of their format there.
            _hasVersion |= field == 1;
            _hasOnnxType |= field == 2;
        }

        public void HasText(int field, ByteReader reader, long end)
        {
            _hasOnnxData |= field is 8 or 9 or 13;
            if (field is 1 or 2 or 4 && end - reader.Position is > 0 and <= MaximumName and var length && reader.Peek((int)length) is var text && IsPlain(text))
            {
                _hasName |= field == 1;
                _hasOperator |= field == 2 && (char.IsAsciiLetterUpper((char)text[0]) || text[0] == '_');
                _hasOnnxOperator |= field == 4;
            }
        }

        public void Has(int field, ProtoKinds child) => _children |=
            Found(field == 1, child, ProtoKinds.Node, ProtoKinds.Graph)
            | Found(field == 3, child, ProtoKinds.Node, ProtoKinds.Function)
            | Found(field == 1, child, ProtoKinds.Function, ProtoKinds.Library)
            | Found(field == 2, child, ProtoKinds.Library, ProtoKinds.Graph)
            | Found(field == 2, child, ProtoKinds.Graph, ProtoKinds.MetaGraph)
            | Found(field == 2, child, ProtoKinds.MetaGraph, ProtoKinds.SavedModel)
            | Found(field == 1, child, ProtoKinds.OnnxNode, ProtoKinds.OnnxGraph)
            | Found(field is 5 or 15, child, ProtoKinds.OnnxTensor, ProtoKinds.OnnxGraph)
            | Found(field == 7, child, ProtoKinds.OnnxGraph, ProtoKinds.OnnxModel);

        private static ProtoKinds Found(bool isField, ProtoKinds child, ProtoKinds inside, ProtoKinds kind) => isField && (child & inside) != 0 ? kind : 0;

        private static bool IsPlain(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)'-', (byte)'z');
    }
}
