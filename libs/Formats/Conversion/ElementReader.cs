using System.Security.Cryptography;

namespace ModelGarden.Formats.Conversion;

/// <summary>
/// Reads the elements of a tensor in their order, whatever its strides: runs that lie together are copied as they are, single elements come from pages
/// of the file, of which a bounded number is held.
/// </summary>
internal sealed class ElementReader(Stream source, CancellationToken cancellationToken) : IDisposable
{
    private const int BufferLength = 256 * 1024;
    private readonly byte[] _buffer = new byte[BufferLength];
    private readonly PageCache _pages = new(source);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _filled;

    public void Dispose() => _hash.Dispose();

    /// <summary>Copies a tensor's elements; gives their SHA-256.</summary>
    public string Copy(PlannedTensor tensor, HashingStream target)
    {
        var (shape, strides) = Coalesce(tensor.Spec.Shape, tensor.Spec.Strides);
        if (tensor.Length > 0)
        {
            CopyRuns(tensor, shape, strides, target);
            Flush(target);
        }

        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    // Dimensions of one element vanish, and those that continue one another become one: most tensors end as a single run.
    private static (long[] Shape, long[] Strides) Coalesce(long[] shape, long[] strides)
    {
        var (newShape, newStrides) = (new List<long>(), new List<long>());
        for (var index = 0; index < shape.Length; index++)
        {
            if (shape[index] == 1)
            {
                continue;
            }

            if (newShape.Count > 0 && newStrides[^1] == strides[index] * shape[index])
            {
                newShape[^1] *= shape[index];
                newStrides[^1] = strides[index];
            }
            else
            {
                newShape.Add(shape[index]);
                newStrides.Add(strides[index]);
            }
        }

        return ([.. newShape], [.. newStrides]);
    }

    private void CopyRuns(PlannedTensor tensor, long[] shape, long[] strides, HashingStream target)
    {
        var isRun = strides is [.., 1];
        var run = isRun ? shape[^1] * tensor.Width : tensor.Width;
        var outer = isRun ? shape.Length - 1 : shape.Length;
        var index = new long[outer];
        var element = 0L;
        do
        {
            CopyRun(tensor.Offset + (element * tensor.Width), run, target);
        }
        while (Next(index, shape, strides, ref element));
    }

    // Counts up like an odometer, the last dimension fastest; false after the last.
    private static bool Next(long[] index, long[] shape, long[] strides, ref long element)
    {
        for (var dimension = index.Length - 1; dimension >= 0; dimension--)
        {
            element += strides[dimension];
            if (++index[dimension] < shape[dimension])
            {
                return true;
            }

            element -= strides[dimension] * shape[dimension];
            index[dimension] = 0;
        }

        return false;
    }

    private void CopyRun(long offset, long length, HashingStream target)
    {
        if (length <= PageCache.PageLength / 4)
        {
            Room((int)length, target);
            _pages.Read(offset, _buffer.AsSpan(_filled, (int)length));
            _filled += (int)length;
            return;
        }

        Flush(target);
        source.Position = offset;
        for (var left = length; left > 0;)
        {
            _filled = (int)Math.Min(left, BufferLength);
            left -= _filled;
            source.ReadExactly(_buffer, 0, _filled);
            Flush(target);
        }
    }

    private void Room(int length, HashingStream target)
    {
        if (_filled + length > BufferLength)
        {
            Flush(target);
        }
    }

    private void Flush(HashingStream target)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var bytes = _buffer.AsSpan(0, _filled);
        _hash.AppendData(bytes);
        target.Write(bytes);
        _filled = 0;
    }
}
