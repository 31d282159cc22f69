using System.Buffers;
using System.Buffers.Binary;

namespace ModelGarden.Formats.Pickles;

/// <summary>
/// Tells a pickle by its first opcodes, whatever the file is called. It runs nothing: it follows opcodes as a loader would until it is sure. What the
/// pickle does is for <see cref="PickleMachine"/> to say.
/// </summary>
internal ref struct PickleRecognition
{
    private static readonly SearchValues<byte> BeginningsOfNumerals = SearchValues.Create("0123456789.iInN"u8);
    private readonly ReadOnlySpan<byte> _head;
    private readonly long _length;
    private int _at;
    private int _depth;
    private int _marks;
    private bool _imports;

    private PickleRecognition(ReadOnlySpan<byte> head, long length)
    {
        _head = head;
        _length = length;
    }

    private enum Step
    {
        Next,
        Invalid,
        Stop,
        Calls,
    }

    /// <summary>True when a loader would take these bytes, the first of a file of that length, as a pickle that can do something.</summary>
    public static bool Matches(ReadOnlySpan<byte> head, long length) => new PickleRecognition(head, length).Walk();

    private bool Walk()
    {
        var binary = _head is [0x80, <= 5, _, ..];
        var steps = 0;
        while (_at < _head.Length)
        {
            switch (Follow())
            {
                case Step.Invalid:
                    // A protocol header and a valid opcode behind it are no accident; what is broken later has run by then.
                    return binary && steps >= 2;
                case Step.Stop when binary || _imports:
                    return true;
                case Step.Stop:
                    // A loader that loads again goes on here.
                    (_depth, _marks) = (0, 0);
                    break;
                case Step.Calls:
                    return true;
                default:
                    steps++;
                    break;
            }
        }

        // All that can be seen are opcodes: no other file looks like that for long.
        return binary || (steps > 0 && _length > _head.Length);
    }

    private Step Follow() => _head[_at++] switch
    {
        (byte)'.' => _depth > 0 ? Step.Stop : Step.Invalid,
        (byte)'(' => Mark(),
        (byte)'0' => Pop(1, 0),
        (byte)'1' => PopMark(0),
        (byte)'2' => Pop(1, 2),
        (byte)'N' or 0x88 or 0x89 or (byte)')' or (byte)']' or (byte)'}' or 0x8F or 0x97 => Push(),
        (byte)'F' or (byte)'I' or (byte)'L' => Numeral(),
        (byte)'S' => Quoted(),
        (byte)'V' => Line() ? Push() : Step.Invalid,
        (byte)'K' => Skip(1) ? Push() : Step.Invalid,
        (byte)'M' => Skip(2) ? Push() : Step.Invalid,
        (byte)'J' => Skip(4) ? Push() : Step.Invalid,
        (byte)'G' => Skip(8) ? Push() : Step.Invalid,
        (byte)'U' or (byte)'C' or 0x8A or 0x8C => Counted(1),
        (byte)'T' or (byte)'B' or (byte)'X' or 0x8B => Counted(4),
        0x8D or 0x8E or 0x96 => Counted(8),
        (byte)'a' or (byte)'s' or (byte)'u' or (byte)'e' or 0x90 => Append(),
        (byte)'t' or (byte)'l' or (byte)'d' or 0x91 => PopMark(1),
        0x85 or 0x98 => Pop(1, 1),
        0x86 => Pop(2, 1),
        0x87 => Pop(3, 1),
        (byte)'p' => Numeral(push: false),
        (byte)'g' => Numeral(),
        (byte)'q' => _depth > 0 && Skip(1) ? Step.Next : Step.Invalid,
        (byte)'r' => _depth > 0 && Skip(4) ? Step.Next : Step.Invalid,
        0x94 => _depth > 0 ? Step.Next : Step.Invalid,
        (byte)'h' => Skip(1) ? Push() : Step.Invalid,
        (byte)'j' => Skip(4) ? Push() : Step.Invalid,
        0x80 => _at < _head.Length && _head[_at] <= 5 && Skip(1) ? Step.Next : Step.Invalid,
        0x95 => Skip(8) ? Step.Next : Step.Invalid,
        (byte)'c' => Import() ? Push() : Step.Invalid,
        0x93 => Imported(Pop(2, 1)),
        0x82 => Skip(1) ? Imported(Push()) : Step.Invalid,
        0x83 => Skip(2) ? Imported(Push()) : Step.Invalid,
        0x84 => Skip(4) ? Imported(Push()) : Step.Invalid,
        (byte)'i' => _marks > 0 && Import() ? Step.Calls : Step.Invalid,
        (byte)'o' => _marks > 0 && _imports ? Step.Calls : Step.Invalid,
        (byte)'P' => Line() ? Push() : Step.Invalid,
        (byte)'Q' => Pop(1, 1),
        (byte)'R' or (byte)'b' or 0x81 => Call(2),
        0x92 => Call(3),
        _ => Step.Invalid,
    };

    private Step Push()
    {
        _depth++;
        return Step.Next;
    }

    private Step Mark()
    {
        _marks++;
        return Push();
    }

    private Step Pop(int taken, int given)
    {
        if (_depth < taken)
        {
            return Step.Invalid;
        }

        _depth += given - taken;
        return Step.Next;
    }

    // How much lies above a mark is not kept: it is enough that there is a mark.
    private Step PopMark(int given)
    {
        if (_marks == 0)
        {
            return Step.Invalid;
        }

        _marks--;
        _depth = Math.Max(_depth - 1, 0) + given;
        return Step.Next;
    }

    private Step Append() => _marks > 0 && _head[_at - 1] is (byte)'u' or (byte)'e' or 0x90 ? PopMark(0) : _depth >= 2 ? Step.Next : Step.Invalid;

    private Step Imported(Step step)
    {
        _imports |= step == Step.Next;
        return step;
    }

    private readonly Step Call(int needed) => _depth < needed ? Step.Invalid : _imports ? Step.Calls : Step.Next;

    private bool Import()
    {
        var start = _at;
        if (!Line() || !IsDottedName(_head[start..(_at - 1)]))
        {
            return false;
        }

        start = _at;
        if (!Line() || !IsDottedName(_head[start..(_at - 1)]))
        {
            return false;
        }

        _imports = true;
        return true;
    }

    // Python reads hexadecimal digits, underscores and white space, and nothing behind a zero byte: how the number begins is all that is sure.
    private Step Numeral(bool push = true)
    {
        var number = _head[_at..].TrimStart(" \t\v\f\r+-_"u8);
        if (number.IsEmpty || !BeginningsOfNumerals.Contains(number[0]))
        {
            return Step.Invalid;
        }

        return !Line() ? Step.Invalid : push ? Push() : _depth > 0 ? Step.Next : Step.Invalid;
    }

    private Step Quoted() => _at < _head.Length && _head[_at] is (byte)'\'' or (byte)'"' && Line() ? Push() : Step.Invalid;

    private Step Counted(int width)
    {
        if (_at + width > _head.Length)
        {
            return Step.Invalid;
        }

        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        _head.Slice(_at, width).CopyTo(bytes);
        var count = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        _at += width;
        return count <= (ulong)_length && Skip((long)count) ? Push() : Step.Invalid;
    }

    // Past the visible head, but not past the file: the walk ends there, undecided.
    private bool Skip(long count)
    {
        if (count > _length - _at)
        {
            return false;
        }

        _at = (int)Math.Min(_at + count, _head.Length);
        return true;
    }

    private bool Line()
    {
        // A line longer than the head ends the walk, undecided, if the file goes on.
        var newline = _head[_at..].IndexOf((byte)'\n');
        _at = newline < 0 ? _head.Length : _at + newline + 1;
        return newline >= 0 || _length > _head.Length;
    }

    private static bool IsDottedName(ReadOnlySpan<byte> name)
    {
        name = name.TrimEnd((byte)'\r');
        if (name.IsEmpty || char.IsAsciiDigit((char)name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (c < 0x80 && !char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'_' or (byte)'.'))
            {
                return false;
            }
        }

        return true;
    }
}
