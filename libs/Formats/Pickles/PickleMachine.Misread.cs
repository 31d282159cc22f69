using System.Buffers;
using System.Collections.Frozen;
using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Pickles;

/// <summary>
/// What is other when bytes are read that should be no pickle: what happens by accident is not said, and no bound ends the reading before a loader would end
/// it. What a bound forgets, a loader still has: a name that comes of it is said.
/// </summary>
internal sealed partial class PickleMachine
{
    // So little that a tensor of one value repeated costs no time, and so much that nothing ordinary needs more.
    private const int MaximumMisreadStack = 64 * 1024;
    private const int MaximumFarMemo = 64 * 1024;

    // All others happen by accident.
    private static readonly FrozenSet<string> NoAccidents = FrozenSet.ToFrozenSet(["pickle.import", "pickle.import-name", "pickle.computed-name", "pickle.extension", "pickle.call", "pickle.build", "pickle.joblib"]);

    private static readonly SearchValues<byte> OfNumbers = SearchValues.Create(" \t\v\f\r0123456789+-_"u8);

    private readonly Dictionary<long, PickleValue> _farMemo = [];
    private bool _forgotValues;
    private bool _forgotMarks;
    private bool _forgotMemo;
    private int _borrowedValues;
    private int _borrowedMarks;

    // Random bytes have characters in them that are in no name; text names modules, but none that does harm.
    private bool IsAccident(GlobalNode global) => options.ShouldBe switch
    {
        ShouldBe.Pickle => false,
        _ when global.Verdict.Danger is not null => false,
        ShouldBe.Text => !(global.FullName.Length > GlobalPolicy.LongestName && global.Attribute.Contains('.') && GlobalPolicy.IsSpelledAsName(global)),
        _ => !GlobalPolicy.IsSpelledAsName(global),
    };

    /// <summary>No loader takes anything but text for a name: what might be text here, and was not written down as such.</summary>
    private static bool MayBeText(PickleValue value) => value.Node switch
    {
        CallNode call => call is { Callee: not null, Makes: Product.Opaque or Product.Bytes },
        GlobalNode global => GlobalPolicy.IsSpelledAsName(global),

        // A loader of old gives back what stands first in such an id.
        PersistentNode persistent => persistent.Id.Tuple is [{ Text: not null }, ..],
        BytesNode bytes => bytes.IsText,
        _ => value.Node == Scalar.Forgotten,
    };

    private void BuildMisread(PickleValue target, PickleValue state)
    {
        if (target.Global is { } global && (global.Allowed is not null || !IsAccident(global)))
        {
            ReportChange(global, state);
        }
        else if (target.Call is { Makes: Product.JoblibArray } && options is { Before: null, ShouldBe: ShouldBe.Bytes })
        {
            // Joblib's loader and others go on at different places here; only that of the others is followed.
            Suspect("pickle.joblib", $"it has an array of joblib, whose bytes loaders of two kinds read as two things");
        }
    }

    private bool IsAccidentalName(PickleValue module, PickleValue name) =>
        options.IsSecondReading && !((module.Text is not null || MayBeText(module)) && (name.Text is not null || MayBeText(name)));

    // The older half goes, with the marks in it: what is above stays as it is.
    private void ForgetOldValues()
    {
        var gone = _depth / 2;
        Array.Copy(_stack, gone, _stack, 0, _depth - gone);
        _depth -= gone;
        for (var index = 0; index < _markCount; index++)
        {
            _marks[index] = Math.Max(0, _marks[index] - gone);
        }

        _fence = _markCount > 0 ? _marks[_markCount - 1] : 0;
        _forgotValues = true;
        SkipRun();
    }

    private void ForgetOldMarks()
    {
        var gone = _markCount / 2;
        Array.Copy(_marks, gone, _marks, 0, _markCount - gone);
        _markCount -= gone;
        _forgotMarks = true;
        SkipRun();
    }

    // A tensor of one value, or of zero points: the same byte again and again pushes what was pushed already.
    private void SkipRun()
    {
        var opcode = (byte)_opcode;
        while (_opcode is Opcode.None or Opcode.NewTrue or Opcode.NewFalse or Opcode.Mark or Opcode.EmptyTuple or Opcode.EmptyList or Opcode.EmptyDict or Opcode.EmptySet && reader.Peek(ByteReader.Window) is { IsEmpty: false } seen)
        {
            var end = seen.IndexOfAnyExcept(opcode);
            reader.Skip(end < 0 ? seen.Length : end);
            if (end >= 0)
            {
                return;
            }

            options.Walk.Check(reader);
        }
    }

    // What lies below the first value: what was forgotten, or the values of the machine that waits.
    private PickleValue Below() => _forgotValues ? PickleValue.Forgotten
        : options.Before is { } before && _borrowedValues < before._depth ? before._stack[before._depth - ++_borrowedValues]
        : PickleValue.Unknown;

    private PickleValue PeekBelow()
    {
        var value = Underflow();
        if (options.IsSecondReading && _markCount == 0)
        {
            Push(value);
        }

        return value;
    }

    private void GoBelowMark()
    {
        _depth = _forgotMarks ? 0 : _depth;
        _forgotValues |= _forgotMarks;
        if (options.Before is { } before && _borrowedMarks < before._markCount)
        {
            _depth = 0;
            _borrowedValues = Math.Max(_borrowedValues, before._depth - before._marks[before._markCount - ++_borrowedMarks]);
        }
    }

    private void RememberFar(long index, PickleValue value)
    {
        if (_farMemo.Count < MaximumFarMemo)
        {
            _farMemo[index] = value;
        }
        else
        {
            _forgotMemo = true;
        }
    }

    private PickleValue Recall(long index) => _farMemo.TryGetValue(index, out var value) ? value
        : _forgotMemo ? PickleValue.Forgotten
        : options.Before is { } before && index >= 0 && index < before._memo.Length && before._memo[index].Node is not null ? before._memo[index]
        : PickleValue.Unknown;

    // White space, or zeros, before or behind a number: loaders read on to the end of the line.
    private static bool IsStretchedNumber(ReadOnlySpan<byte> line) => !line.ContainsAnyExcept(OfNumbers);
}
