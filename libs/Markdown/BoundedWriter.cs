using System.Globalization;
using System.Text;

namespace ModelGarden.Markdown;

/// <summary>Holds what is written until it is too much: then it throws <see cref="OverflowException"/>, and has what came before.</summary>
internal sealed class BoundedWriter(int maximum, CancellationToken cancellationToken) : TextWriter(CultureInfo.InvariantCulture)
{
    private readonly StringBuilder _text = new();

    public override Encoding Encoding => Encoding.Unicode;

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_text.Length + buffer.Length > maximum)
        {
            throw new OverflowException($"more than {maximum} characters");
        }

        _text.Append(buffer);
    }

    public override string ToString() => _text.ToString();
}
