using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ModelGarden.Formats.Json;

namespace ModelGarden.Formats.IO;

/// <summary>
/// Pulls JSON tokens out of a stretch of a file without ever holding more than one token. A fault goes to the reader's
/// <see cref="ByteReader.Failure"/> and ends the tokens.
/// </summary>
internal sealed class JsonTokens(ByteReader source, long limit, string rule, bool manyValues = false) : IDisposable
{
    private const int MaximumToken = 16 * 1024 * 1024;
    private const int MaximumDepth = 64;
    private const int MaximumKey = 192;
    private readonly long _origin = source.Position;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = MaximumDepth, AllowMultipleValues = manyValues });
    private long _unread = limit;
    private long _consumed;
    private int _start;
    private int _end;
    private int _valueStart;
    private int _valueLength;
    private bool _escaped;
    private string _key = "";

    /// <summary>Who sees every token as it is read, those left out too.</summary>
    public IReadOnlyList<IJsonWatch> Watches { get; init; } = [];

    /// <summary>Whether numbers that only Python's JSON has are numbers.</summary>
    public bool TakesPythonNumbers { get; init; }

    /// <summary>Where the first number stands that only Python's JSON has.</summary>
    public long? PythonNumberAt { get; private set; }

    public JsonTokenType Type { get; private set; }

    public int Depth { get; private set; }

    /// <summary>Where the current token begins in the file.</summary>
    public long Offset { get; private set; }

    /// <summary>The token's bytes, strings without quotes, escapes as written; valid until the next read.</summary>
    public ReadOnlySpan<byte> Raw => _buffer.AsSpan(_valueStart, _valueLength);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <summary>Goes to the next token; false at the end and after a fault.</summary>
    public bool Read()
    {
        while (!source.Failed)
        {
            if (TryRead(out var final))
            {
                Show();
                return true;
            }

            if (final || source.Failed)
            {
                return false;
            }

            Refill();
        }

        return false;
    }

    /// <summary>Leaves out the value whose first token is the current one.</summary>
    public void SkipValue()
    {
        if (Type is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            return;
        }

        var depth = Depth;
        while (Read() && Depth > depth)
        {
        }
    }

    public bool Is(JsonTokenType type) => !source.Failed && Type == type;

    /// <summary>The current string, unescaped; nothing and failed when it is no Unicode text.</summary>
    public string? Text()
    {
        if (!_escaped && Utf8.IsValid(Raw))
        {
            return Encoding.UTF8.GetString(Raw);
        }

        if (_escaped && Unescape() is { } text)
        {
            return text;
        }

        source.Fail($"{rule}.not-unicode", "a string is not Unicode text", Offset);
        return null;
    }

    /// <summary>True for a number written in plain digits only.</summary>
    public bool TryUnsigned(out ulong value)
    {
        value = 0;
        return Is(JsonTokenType.Number) && ulong.TryParse(Raw, System.Globalization.NumberStyles.None, null, out value);
    }

    /// <summary>The number of bytes behind the current token, up to the limit, that are not <paramref name="padding"/>.</summary>
    public bool OnlyPaddingFollows(byte padding)
    {
        while (!source.Failed)
        {
            if (_buffer.AsSpan(_start, _end - _start).ContainsAnyExcept(padding))
            {
                return false;
            }

            (_start, _end) = (0, 0);
            if (_unread == 0)
            {
                return true;
            }

            Refill();
        }

        return false;
    }

    private void Show()
    {
        if (Watches.Count == 0)
        {
            return;
        }

        if (Type is JsonTokenType.PropertyName)
        {
            _key = Raw.Length > MaximumKey ? "" : (_escaped ? Unescape() : JsonKeys.Known(Raw)) ?? "";
        }

        foreach (var watch in Watches)
        {
            watch.See(this, _key);
        }
    }

    private bool TryRead(out bool final)
    {
        final = _unread == 0;
        if (TakesPythonNumbers && OverwritePythonNumber() is PythonNumber.Cut && !final)
        {
            return false;
        }

        var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), final, _state);
        try
        {
            var read = reader.Read();
            if (read)
            {
                Keep(ref reader);
            }

            _start += (int)reader.BytesConsumed;
            _consumed += reader.BytesConsumed;
            _state = reader.CurrentState;
            return read;
        }
        catch (JsonException exception)
        {
            source.Fail($"{rule}.json", $"not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} of it", _origin + _consumed + Math.Max(0, reader.BytesConsumed));
            return false;
        }
    }

    private PythonNumber OverwritePythonNumber()
    {
        var number = PythonNumbers.Overwrite(_buffer.AsSpan(_start, _end - _start), out var at);
        if (number is PythonNumber.Whole)
        {
            PythonNumberAt ??= _origin + _consumed + at;
        }

        return number;
    }

    private void Keep(ref Utf8JsonReader reader)
    {
        Type = reader.TokenType;
        Depth = reader.CurrentDepth;
        Offset = _origin + _consumed + reader.TokenStartIndex;
        _escaped = reader.ValueIsEscaped;
        _valueStart = _start + (int)reader.TokenStartIndex + (Type is JsonTokenType.String or JsonTokenType.PropertyName ? 1 : 0);
        _valueLength = reader.ValueSpan.Length;
    }

    private void Refill()
    {
        MakeRoom();
        var read = source.Failed ? 0 : source.Read(_buffer.AsSpan(_end, (int)Math.Min(_buffer.Length - _end, _unread)));
        _end += read;
        _unread -= read;
        if (read == 0)
        {
            source.Fail("file.truncated", $"the file ends inside JSON, {_unread} bytes early");
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end < _buffer.Length)
        {
            return;
        }

        if (_buffer.Length >= MaximumToken)
        {
            source.Fail($"{rule}.token-too-long", $"a JSON token is longer than {MaximumToken} bytes", _origin + _consumed);
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private string? Unescape()
    {
        // The quotes stand around the value in the buffer still: nothing was moved since the token was read.
        var reader = new Utf8JsonReader(_buffer.AsSpan(_valueStart - 1, _valueLength + 2));
        try
        {
            return reader.Read() ? reader.GetString() : null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or JsonException)
        {
            return null;
        }
    }
}
