using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Pickles;

/// <summary>
/// Follows one pickle from where the reader stands to its STOP, opcode by opcode, and makes nothing: imports and calls are only written down. It goes on
/// where a lenient loader might, so that a fault hides nothing behind it, and keeps a bounded part of what it sees.
/// </summary>
internal sealed partial class PickleMachine(ByteReader reader, Findings findings, PickleOptions options)
{
    private const int MaximumStack = 1024 * 1024;
    private const int MaximumMarks = 64 * 1024;
    private const int ClockInterval = 1 << 18;
    private PickleValue[] _stack = new PickleValue[64];
    private int[] _marks = new int[16];
    private int _depth;
    private int _markCount;
    private int _fence;
    private long _at;
    private long _opcodes;
    private Opcode _opcode;
    private bool _stopped;

    private enum PopReason
    {
        Use,
        Drop,
    }

    /// <summary>What STOP gave.</summary>
    public PickleValue Result { get; private set; } = PickleValue.Unknown;

    /// <summary>STOP was reached.</summary>
    public bool Stopped => _stopped;

    /// <summary>There was something to give: no loader comes back from an empty stack.</summary>
    public bool Gave { get; private set; }

    public long Opcodes => _opcodes;

    /// <summary>Tensors that were made, each counted once.</summary>
    public PickleTensors Tensors { get; } = options.Tensors ?? new();

    public bool Run()
    {
        _start = reader.Position;
        _memoCount = options.Before?._memoCount ?? 0;
        while (!_stopped && !reader.Failed)
        {
            Step();
        }

        return _stopped;
    }

    private void Step()
    {
        _at = reader.Position;
        if (_at >= _frameEnd)
        {
            LeaveFrame();
        }

        if (reader.Remaining == 0)
        {
            reader.Fail("pickle.no-stop", "the pickle has no STOP: what came before has run by then", _at);
            return;
        }

        if (++_opcodes % ClockInterval == 0)
        {
            CheckClock();
        }

        _opcode = (Opcode)reader.U8();
        if (Pickles.Opcodes.ProtocolOf(_opcode) > _protocol)
        {
            CheckProtocol(_opcode);
        }

        Follow(_opcode);
    }

    private void CheckClock()
    {
        if (_opcodes > options.MaximumOpcodes)
        {
            reader.Fail("pickle.too-long", $"the pickle has more than {options.MaximumOpcodes} opcodes", _at);
        }

        options.Walk.Check(reader);
    }

    private void Follow(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.BinInt1:
                Push(PickleValue.Of(reader.U8()));
                break;
            case Opcode.BinInt2:
                Push(PickleValue.Of(reader.U16()));
                break;
            case Opcode.BinInt:
                Push(PickleValue.Of((int)reader.U32()));
                break;
            case Opcode.None:
                Push(PickleValue.None);
                break;
            case Opcode.NewTrue:
                Push(PickleValue.True);
                break;
            case Opcode.NewFalse:
                Push(PickleValue.False);
                break;
            case Opcode.Mark:
                Mark();
                break;
            case Opcode.Pop:
                Pop(PopReason.Drop);
                break;
            case Opcode.PopMark:
                DropToMark();
                break;
            case Opcode.Dup:
                var top = Peek();
                Push(top);
                break;
            case Opcode.Stop:
                Stop();
                break;
            default:
                FollowRare(opcode);
                break;
        }
    }

    private void FollowRare(Opcode opcode)
    {
        if (!FollowConstant(opcode) && !FollowContainer(opcode) && !FollowMemo(opcode) && !FollowCall(opcode))
        {
            reader.Fail("pickle.opcode", $"0x{(byte)opcode:x2} is no opcode: what came before has run by then", _at);
        }
    }

    private void Stop()
    {
        Gave = _depth > _fence;
        Result = Gave ? Pop() : Underflow();
        Gave |= Result != PickleValue.Unknown;
        _stopped = true;
        if (_depth > 0 || _markCount > 0)
        {
            Suspect("pickle.leftover", $"values that nobody uses are left on the stack at STOP");
        }

        if (_frameEnd != NoFrame && _frameEnd != reader.Position)
        {
            Suspect("pickle.frame", $"the pickle stops inside a frame");
        }
    }

    private void Push(PickleValue value)
    {
        if (_depth == _stack.Length && !Widen())
        {
            return;
        }

        _stack[_depth++] = value;
    }

    private bool Widen()
    {
        if (options.IsSecondReading && _depth >= MaximumMisreadStack)
        {
            ForgetOldValues();
        }
        else if (_depth >= MaximumStack)
        {
            reader.Fail("pickle.stack-limit", $"more than {MaximumStack} values are on the stack", _at);
            return false;
        }
        else
        {
            Array.Resize(ref _stack, _stack.Length * 2);
        }

        return true;
    }

    private PickleValue Pop(PopReason reason = PopReason.Use)
    {
        if (_depth <= _fence)
        {
            return reason == PopReason.Drop && _markCount > 0 && _depth == _marks[_markCount - 1] ? DropMark() : Underflow();
        }

        var value = _stack[--_depth];
        if (reason == PopReason.Drop)
        {
            CheckDropped(value);
        }

        return value;
    }

    private PickleValue Peek() => _depth > _fence ? _stack[_depth - 1] : PeekBelow();

    // A loader gives up here, or takes what lies below: what would be made is not known, what follows is still looked at.
    private PickleValue Underflow()
    {
        Suspect("pickle.stack", $"an opcode takes a value from an empty stack or from below a mark");
        return options.IsSecondReading ? Below() : PickleValue.Unknown;
    }

    private void CheckDropped(PickleValue value)
    {
        if (value.Node is CallNode or GlobalNode or PersistentNode)
        {
            Suspect("pickle.dropped", $"the result of {value} is dropped: it was made for its effect");
        }
    }

    private void Mark()
    {
        if (_markCount == _marks.Length)
        {
            if (_markCount >= MaximumMarks && options.IsSecondReading)
            {
                ForgetOldMarks();
            }
            else if (_markCount >= MaximumMarks)
            {
                reader.Fail("pickle.stack-limit", $"more than {MaximumMarks} marks are open", _at);
                return;
            }
            else
            {
                Array.Resize(ref _marks, _marks.Length * 2);
            }
        }

        _marks[_markCount++] = _fence = _depth;
    }

    private PickleValue DropMark()
    {
        _markCount--;
        _fence = _markCount > 0 ? _marks[_markCount - 1] : 0;
        return PickleValue.Unknown;
    }

    /// <summary>What lies above the last mark, taken off with it; valid until the next push.</summary>
    private ReadOnlySpan<PickleValue> PopToMark()
    {
        if (_markCount == 0)
        {
            Suspect("pickle.stack", $"an opcode goes back to a mark, and there is none");
            GoBelowMark();
            return default;
        }

        var from = _marks[_markCount - 1];
        var items = _stack.AsSpan(from, _depth - from);
        _depth = from;
        DropMark();
        return items;
    }

    private void DropToMark()
    {
        foreach (var value in PopToMark())
        {
            CheckDropped(value);
        }
    }
}
