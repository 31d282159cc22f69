using Microsoft.Win32.SafeHandles;

namespace ModelGarden.Hub.Git;

/// <summary>The bytes of a pack on disk, read through a window.</summary>
internal sealed class PackSource(SafeFileHandle file, long length)
{
    private readonly byte[] _window = new byte[64 << 10];
    private long _windowAt;
    private int _count;
    private int _at;

    public long Position
    {
        get => _windowAt + _at;
        set
        {
            if (value >= _windowAt && value <= _windowAt + _count)
            {
                _at = (int)(value - _windowAt);
            }
            else
            {
                (_windowAt, _count, _at) = (value, 0, 0);
            }
        }
    }

    public int Next()
    {
        if (_at == _count)
        {
            Fill();
        }

        return _window[_at++];
    }

    public void Read(Span<byte> output)
    {
        while (output.Length > 0)
        {
            if (_at == _count)
            {
                Fill();
            }

            var part = Math.Min(output.Length, _count - _at);
            _window.AsSpan(_at, part).CopyTo(output);
            _at += part;
            output = output[part..];
        }
    }

    private void Fill()
    {
        _windowAt += _count;
        _at = 0;
        _count = (int)Math.Min(_window.Length, length - _windowAt);
        _count = _count > 0 ? RandomAccess.Read(file, _window.AsSpan(0, _count), _windowAt) : 0;
        if (_count <= 0)
        {
            throw Inflater.Bad("it ends within an object");
        }
    }
}
