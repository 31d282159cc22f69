using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ModelGarden.Xet;

/// <summary>Turns rows of blocks into values with the widest vectors that there is work for.</summary>
internal static class Blake3Rows
{
    /// <summary>The room that parents need behind their last value, and behind the last of their children.</summary>
    public const int Slack = 16;

    public const int ValueLength = 32;

    /// <summary>The widest that this processor can do.</summary>
    public static Blake3Width Widest { get; } =
        Blake3Lanes16.IsSupported ? Blake3Width.Lanes16
        : Blake3Lanes8.IsSupported ? Blake3Width.Lanes8
        : Blake3Lanes4.IsSupported ? Blake3Width.Lanes4
        : Blake3Width.Plain;

    /// <summary>The values of whole chunks.</summary>
    public static void Chunks(in Blake3Job job, ReadOnlySpan<byte> input, ulong counter, Span<byte> values)
    {
        var rows = input.Length / Blake3Block.ChunkLength;
        for (var done = 0; done < rows;)
        {
            // Where fewer rows are left than lanes, the last ones of before are done once more: the same values are written again.
            var lanes = Fit(job.Width, rows - done, rows);
            var row = Math.Min(done, rows - lanes);
            Run(job, lanes, input[(row * Blake3Block.ChunkLength)..], counter + (ulong)row, values[(row * ValueLength)..]);
            done = row + lanes;
        }
    }

    /// <summary>The values of <paramref name="pairs"/> of children. What lies behind them is read, and its values written, and mean nothing.</summary>
    public static void Parents(in Blake3Job job, ReadOnlySpan<byte> children, int pairs, Span<byte> values)
    {
        for (var done = 0; done < pairs;)
        {
            var lanes = Fit(job.Width, pairs - done, Slack);
            Run(job, lanes, children[(2 * done * ValueLength)..], 0, values[(done * ValueLength)..]);
            done += lanes;
        }
    }

    private static int Fit(Blake3Width width, int rest, int all) =>
        width >= Blake3Width.Lanes16 && rest > 8 && all >= 16 ? 16
        : width >= Blake3Width.Lanes8 && rest > 4 && all >= 8 ? 8
        : width >= Blake3Width.Lanes4 && rest > 1 && all >= 4 ? 4
        : 1;

    private static void Run(in Blake3Job job, int lanes, ReadOnlySpan<byte> input, ulong counter, Span<byte> values)
    {
        // The kernels see no lengths: these are what they read and write.
        ref var from = ref MemoryMarshal.GetReference(input[..(lanes * job.Blocks * Blake3Block.Length)]);
        ref var to = ref MemoryMarshal.GetReference(values[..(lanes * ValueLength)]);
        switch (lanes)
        {
            case 16:
                Blake3Kernel<Blake3Lanes16, Vector512<uint>>.Run(job, ref from, counter, ref to);
                break;
            case 8:
                Blake3Kernel<Blake3Lanes8, Vector256<uint>>.Run(job, ref from, counter, ref to);
                break;
            case 4:
                Blake3Kernel<Blake3Lanes4, Vector128<uint>>.Run(job, ref from, counter, ref to);
                break;
            default:
                RunSingle(job, input, counter, values);
                break;
        }
    }

    private static void RunSingle(in Blake3Job job, ReadOnlySpan<byte> input, ulong counter, Span<byte> destination)
    {
        Span<uint> value = stackalloc uint[Blake3Block.KeyWords];
        job.Key.CopyTo(value);
        for (var block = 0; block < job.Blocks; block++)
        {
            job.Compress(value, input.Slice(block * Blake3Block.Length, Blake3Block.Length), counter, Blake3Block.Length, job.Flags(block));
        }

        Store(value, destination);
    }

    public static void Store(ReadOnlySpan<uint> words, Span<byte> destination)
    {
        for (var i = 0; i < Blake3Block.KeyWords; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination[(i * sizeof(uint))..], words[i]);
        }
    }
}
