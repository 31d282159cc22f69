using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace ModelGarden.Formats.Pickles;

/// <summary>Protocol headers, frames, the memo, and the findings.</summary>
internal sealed partial class PickleMachine
{
    private const long NoFrame = long.MaxValue;
    private const int MaximumMemo = 4 * 1024 * 1024;
    private const int MaximumReports = 64;

    // Numbers up to this are kept even when no pickler would have come to them yet: names may hide there.
    private const int SmallMemo = 64 * 1024;
    private readonly HashSet<string> _reported = [];
    private readonly Dictionary<string, int> _reports = [];
    private PickleValue[] _memo = new PickleValue[64];
    private long _start;
    private long _frameEnd = NoFrame;
    private long _memoCount;
    private int _protocol = 1;
    private bool _hasProtocol;
    private bool _memoizes;
    private bool _puts;

    private bool FollowMemo(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.BinPut:
                Put(reader.U8());
                break;
            case Opcode.LongBinPut:
                Put(reader.U32());
                break;
            case Opcode.Put:
                Put(Decimal() ?? -1);
                break;
            case Opcode.Memoize:
                Memoize();
                break;
            case Opcode.BinGet:
                Get(reader.U8());
                break;
            case Opcode.LongBinGet:
                Get(reader.U32());
                break;
            case Opcode.Get:
                Get(Decimal() ?? -1);
                break;
            case Opcode.Proto:
                Protocol(reader.U8());
                break;
            case Opcode.Frame:
                Frame(reader.U64());
                break;
            default:
                return false;
        }

        return true;
    }

    private void Put(long index)
    {
        _puts = true;
        Remember(index);
    }

    private void Memoize()
    {
        _memoizes = true;
        Remember(_memoCount);
    }

    // A pickler numbers as it goes and uses no number twice: whatever else is made to be misread.
    private void Remember(long index)
    {
        if (_memoizes && _puts)
        {
            Suspect("pickle.memo", $"both PUT and MEMOIZE fill the memo: readers disagree on which value has which number");
        }

        var value = Peek();
        if (index < 0 || index > _opcodes)
        {
            Suspect("pickle.memo", $"value {index} is put into the memo after {_opcodes} opcodes");
        }

        if (index is >= 0 and < SmallMemo || (index >= 0 && index <= _opcodes && index < MaximumMemo))
        {
            Store((int)index, value);
        }
        else if (options.IsSecondReading)
        {
            RememberFar(index, value);
        }
        else if (index >= MaximumMemo)
        {
            Suspect("pickle.memo-limit", $"the memo has more than {MaximumMemo} values");
        }
    }

    private void Store(int index, PickleValue value)
    {
        if (index >= _memo.Length)
        {
            Array.Resize(ref _memo, Math.Max(index + 1, _memo.Length * 2));
        }

        if (_memo[index].Node is null)
        {
            _memoCount++;
        }
        else if (_memo[index] != value)
        {
            Suspect("pickle.memo", $"value {index} of the memo is replaced by another");
        }

        _memo[index] = value;
    }

    private void Get(long index)
    {
        if (index >= 0 && index < _memo.Length && _memo[index].Node is not null)
        {
            Push(_memo[index]);
            return;
        }

        Suspect("pickle.memo", $"value {index} is taken from the memo, which has none");
        Push(options.IsSecondReading ? Recall(index) : PickleValue.Unknown);
    }

    private void Protocol(byte protocol)
    {
        if (_hasProtocol || _at != _start)
        {
            Suspect("pickle.protocol", $"the pickle names its protocol {(_hasProtocol ? "twice" : "behind its beginning")}");
        }

        if (protocol > Pickles.Opcodes.HighestProtocol)
        {
            Suspect("pickle.protocol", $"the pickle claims protocol {protocol}: {Pickles.Opcodes.HighestProtocol} is the highest there is");
        }

        _hasProtocol = true;
        _protocol = Math.Max(_protocol, protocol);
    }

    private void CheckProtocol(Opcode opcode)
    {
        if (opcode is not (Opcode.Proto or > Opcode.ReadOnlyBuffer))
        {
            Suspect("pickle.protocol", $"{opcode} is of protocol {Pickles.Opcodes.ProtocolOf(opcode)}, the pickle claims {_protocol}");
        }
    }

    private void Frame(ulong length)
    {
        if (_frameEnd != NoFrame)
        {
            Suspect("pickle.frame", $"a frame begins inside another");
        }

        if (length > (ulong)reader.Remaining)
        {
            Suspect("pickle.frame", $"a frame claims {length} bytes, {reader.Remaining} follow");
            _frameEnd = NoFrame;
            return;
        }

        _frameEnd = reader.Position + (long)length;
    }

    private void LeaveFrame()
    {
        if (_at > _frameEnd)
        {
            Suspect("pickle.frame", $"an opcode goes beyond the end of its frame");
        }

        _frameEnd = NoFrame;
    }

    private void Suspect(string rule, [InterpolatedStringHandlerArgument("", nameof(rule))] ref ReportText message) => Report(FindingSeverity.Suspicious, rule, ref message);

    private void Report(FindingSeverity severity, string rule, [InterpolatedStringHandlerArgument("", nameof(rule))] ref ReportText message)
    {
        if (message.Text is { } text && _reported.Add(text))
        {
            findings.Add(new(rule, severity, text, _at));
        }
    }

    private bool Wants(string rule)
    {
        if (options.IsSecondReading && !NoAccidents.Contains(rule))
        {
            return false;
        }

        var count = _reports.GetValueOrDefault(rule);
        _reports[rule] = Math.Min(count + 1, MaximumReports);
        return count < MaximumReports;
    }

    /// <summary>A message that is put together only while its rule has not said enough: a loop that does the same a million times costs nothing.</summary>
    [InterpolatedStringHandler]
    private readonly ref struct ReportText
    {
        private readonly StringBuilder? _text;

        public ReportText(int literalLength, int formattedCount, PickleMachine machine, string rule, out bool isWanted)
        {
            isWanted = machine.Wants(rule);
            _text = isWanted ? new(literalLength + (8 * formattedCount)) : null;
        }

        public string? Text => _text?.ToString();

        public void AppendLiteral(string text) => _text!.Append(text);

        public void AppendFormatted<T>(T value) => _text!.Append(CultureInfo.InvariantCulture, $"{value}");

        public void AppendFormatted<T>(T value, string format) where T : IFormattable => _text!.Append(value.ToString(format, CultureInfo.InvariantCulture));
    }
}
