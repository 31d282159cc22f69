using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace ModelGarden.Formats.Pickles;

/// <summary>Numbers, text and bytes.</summary>
internal sealed partial class PickleMachine
{
    private const int MaximumLine = 60 * 1024;
    private const int MaximumText = 60 * 1024;
    private const int MaximumKeptText = 16 * 1024 * 1024;
    private const int MaximumKeptBytes = 256;
    private const int MaximumInteger = 1024;
    private long _text;

    private bool FollowConstant(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.BinUnicode:
                Unicode(reader.U32());
                break;
            case Opcode.ShortBinUnicode:
                Unicode(reader.U8());
                break;
            case Opcode.BinUnicode8:
                Unicode((long)reader.U64());
                break;
            case Opcode.Unicode:
                UnicodeLine();
                break;
            case Opcode.ShortBinString:
                ByteString(reader.U8());
                break;
            case Opcode.BinString:
                ByteString((int)reader.U32());
                break;
            case Opcode.String:
                Quoted();
                break;
            case Opcode.ShortBinBytes:
                Bytes(reader.U8());
                break;
            case Opcode.BinBytes:
                Bytes(reader.U32());
                break;
            case Opcode.BinBytes8 or Opcode.ByteArray8:
                Bytes((long)reader.U64());
                break;
            default:
                return FollowNumber(opcode);
        }

        return true;
    }

    private bool FollowNumber(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.BinFloat:
                Push(PickleValue.Of(BitConverter.UInt64BitsToDouble(BinaryPrimitives.ReverseEndianness(reader.U64()))));
                break;
            case Opcode.Float:
                Float();
                break;
            case Opcode.Int:
                Integer(isLong: false);
                break;
            case Opcode.Long:
                Integer(isLong: true);
                break;
            case Opcode.Long1:
                LongInteger(reader.U8());
                break;
            case Opcode.Long4:
                LongInteger((int)reader.U32());
                break;
            case Opcode.NextBuffer:
                Suspect("pickle.out-of-band", $"the pickle takes a buffer from outside, which is not in this file");
                Push(PickleValue.Unknown);
                break;
            case Opcode.ReadOnlyBuffer:
                Suspect("pickle.out-of-band", $"the pickle marks a buffer from outside as read-only");
                break;
            default:
                return false;
        }

        return true;
    }

    private void Unicode(long length)
    {
        if (length is >= 0 and <= MaximumText && KeepsText(length))
        {
            PushText(Encoding.UTF8.GetString(reader.Take((int)length)));
        }
        else
        {
            reader.Skip(length);
            PushNode(new BytesNode(length, null, isText: true));
        }
    }

    private void UnicodeLine()
    {
        var line = Line(MaximumLine, out var isCut);
        if (isCut)
        {
            PushNode(new BytesNode(line.Length, null, isText: true));
        }
        else
        {
            PushText(PickleText.RawUnicode(line));
        }
    }

    // Loaders read lines of any length: in bytes that should be no pickle a long one is no reason to stop.
    private ReadOnlySpan<byte> Line(int maximum, out bool isCut)
    {
        isCut = false;
        return options.IsSecondReading ? reader.BeginningOfLine(maximum, out isCut) : reader.Line(maximum);
    }

    private void PushText(string text)
    {
        if (!reader.Failed)
        {
            PushNode(new TextNode(text));
        }
    }

    // Python 2's str: text in keys, bytes in arrays.
    private void ByteString(long length)
    {
        if (length is >= 0 and <= MaximumText && KeepsText(length))
        {
            PushText(Encoding.Latin1.GetString(reader.Take((int)length)));
        }
        else
        {
            reader.Skip(length);
            PushNode(new BytesNode(length, null, isText: true));
        }
    }

    private void Quoted()
    {
        var line = Line(MaximumLine, out var isCut);
        if (isCut && line[0] is (byte)'\'' or (byte)'"')
        {
            PushNode(new BytesNode(line.Length, null, isText: true));
        }
        else if (PickleText.Quoted(line) is { } text)
        {
            PushText(text);
        }
        else
        {
            Suspect("pickle.text", $"the text of a STRING is not in quotes");
            Push(PickleValue.Unknown);
        }
    }

    private void Bytes(long length)
    {
        if (length is >= 0 and <= MaximumKeptBytes)
        {
            PushNode(new BytesNode(length, reader.Take((int)length).ToArray()));
            return;
        }

        reader.Skip(length);
        PushNode(new BytesNode(length, null));
    }

    private void Float()
    {
        var line = Line(MaximumInteger, out _);
        Push(double.TryParse(line, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? PickleValue.Of(value) : OddNumber());
    }

    private void Integer(bool isLong)
    {
        var line = Line(MaximumInteger, out _);
        if (!isLong && line is [(byte)'0', (byte)'0' or (byte)'1'])
        {
            Push(line[1] == '1' ? PickleValue.True : PickleValue.False);
            return;
        }

        line = isLong && line is [.., (byte)'L'] ? line[..^1] : line;
        if (long.TryParse(line, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            Push(PickleValue.Of(value));
        }
        else if (BigInteger.TryParse(Encoding.ASCII.GetString(line), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var big))
        {
            PushNode(new BigNode(big));
        }
        else
        {
            Push(OddNumber());
        }
    }

    private PickleValue OddNumber()
    {
        Suspect("pickle.number", $"a number is not written in plain digits: loaders disagree on what it is");
        return PickleValue.Unknown;
    }

    private void LongInteger(int length)
    {
        if (length is < 0 or > MaximumInteger)
        {
            Suspect("pickle.number", $"an integer has {length} bytes");
            reader.Skip(Math.Max(0, length));
            Push(PickleValue.Unknown);
            return;
        }

        var value = new BigInteger(reader.Take(length));
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            Push(PickleValue.Of((long)value));
        }
        else
        {
            PushNode(new BigNode(value));
        }
    }

    // As Python takes it: white space around it and underscores inside are no part of a number.
    private long? Decimal()
    {
        var line = Line(MaximumInteger, out var isCut);
        if (isCut)
        {
            // Whatever it is put to, or taken from, is not known any more.
            _forgotMemo |= IsStretchedNumber(line);
            return null;
        }

        if (long.TryParse(line, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        Suspect("pickle.number", $"the number of a value in the memo is not written in plain digits");
        var plain = Encoding.Latin1.GetString(line).Replace("_", "", StringComparison.Ordinal).Trim();
        return long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) ? value : null;
    }

    private bool KeepsText(long length)
    {
        if (_text + length > MaximumKeptText)
        {
            return false;
        }

        _text += length;
        return true;
    }
}
