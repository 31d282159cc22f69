using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGarden.Xet;

/// <summary>
/// Compresses as many rows of blocks side by side as there are lanes: whole chunks, or parents. It is
/// optimised before its first call, not after the runtime has seen that it matters: a command that hashes one file ends before that.
/// </summary>
internal static class Blake3Kernel<TLanes, TVector>
    where TLanes : struct, IBlake3Lanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Rows as long as <paramref name="job"/> says, one after another in <paramref name="input"/>, into as many values of 32 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Blake3Job job, ref byte input, ulong counter, ref byte output)
    {
        Span<byte> memory = stackalloc byte[(Blake3Block.Words + 1) * Unsafe.SizeOf<TVector>()];
        ref var m = ref Align(memory);
        Span<uint> counters = stackalloc uint[2 * TLanes.Count];
        Number(job, counter, counters);
        var counterLow = Unsafe.As<uint, TVector>(ref counters[0]);
        var counterHigh = Unsafe.As<uint, TVector>(ref counters[TLanes.Count]);
        TVector h0 = TLanes.Broadcast(job.Key[0]), h1 = TLanes.Broadcast(job.Key[1]), h2 = TLanes.Broadcast(job.Key[2]), h3 = TLanes.Broadcast(job.Key[3]);
        TVector h4 = TLanes.Broadcast(job.Key[4]), h5 = TLanes.Broadcast(job.Key[5]), h6 = TLanes.Broadcast(job.Key[6]), h7 = TLanes.Broadcast(job.Key[7]);
        for (var block = 0; block < job.Blocks; block++)
        {
            TLanes.Load(ref Unsafe.Add(ref input, block * Blake3Block.Length), job.Blocks * Blake3Block.Length, ref m);
            TVector v0 = h0, v1 = h1, v2 = h2, v3 = h3, v4 = h4, v5 = h5, v6 = h6, v7 = h7;
            TVector v8 = TLanes.Broadcast(Blake3Block.Iv0), v9 = TLanes.Broadcast(Blake3Block.Iv1);
            TVector v10 = TLanes.Broadcast(Blake3Block.Iv2), v11 = TLanes.Broadcast(Blake3Block.Iv3);
            TVector v12 = counterLow, v13 = counterHigh, v14 = TLanes.Broadcast(Blake3Block.Length), v15 = TLanes.Broadcast(job.Flags(block));
            for (var round = 0; round < Blake3Block.Rounds; round++)
            {
                ref var s = ref Unsafe.Add(ref MemoryMarshal.GetReference(Blake3Block.Schedule), round * Blake3Block.Words);
                Quarter(ref v0, ref v4, ref v8, ref v12, Word(ref m, ref s, 0), Word(ref m, ref s, 1));
                Quarter(ref v1, ref v5, ref v9, ref v13, Word(ref m, ref s, 2), Word(ref m, ref s, 3));
                Quarter(ref v2, ref v6, ref v10, ref v14, Word(ref m, ref s, 4), Word(ref m, ref s, 5));
                Quarter(ref v3, ref v7, ref v11, ref v15, Word(ref m, ref s, 6), Word(ref m, ref s, 7));
                Quarter(ref v0, ref v5, ref v10, ref v15, Word(ref m, ref s, 8), Word(ref m, ref s, 9));
                Quarter(ref v1, ref v6, ref v11, ref v12, Word(ref m, ref s, 10), Word(ref m, ref s, 11));
                Quarter(ref v2, ref v7, ref v8, ref v13, Word(ref m, ref s, 12), Word(ref m, ref s, 13));
                Quarter(ref v3, ref v4, ref v9, ref v14, Word(ref m, ref s, 14), Word(ref m, ref s, 15));
            }

            (h0, h1, h2, h3) = (TLanes.Xor(v0, v8), TLanes.Xor(v1, v9), TLanes.Xor(v2, v10), TLanes.Xor(v3, v11));
            (h4, h5, h6, h7) = (TLanes.Xor(v4, v12), TLanes.Xor(v5, v13), TLanes.Xor(v6, v14), TLanes.Xor(v7, v15));
        }

        (m, Unsafe.Add(ref m, 1), Unsafe.Add(ref m, 2), Unsafe.Add(ref m, 3)) = (h0, h1, h2, h3);
        (Unsafe.Add(ref m, 4), Unsafe.Add(ref m, 5), Unsafe.Add(ref m, 6), Unsafe.Add(ref m, 7)) = (h4, h5, h6, h7);
        Store(ref Unsafe.As<TVector, uint>(ref m), ref output);
    }

    // Vectors that straddle cache lines are slow to read, and the stack is not aligned for them.
    private static ref TVector Align(Span<byte> memory)
    {
        ref var first = ref MemoryMarshal.GetReference(memory);
        var address = Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref first);
        return ref Unsafe.As<byte, TVector>(ref Unsafe.Add(ref first, -address & (Unsafe.SizeOf<TVector>() - 1)));
    }

    private static void Number(in Blake3Job job, ulong counter, Span<uint> counters)
    {
        for (var lane = 0; lane < TLanes.Count; lane++)
        {
            var number = counter + (job.IsNumbered ? (ulong)lane : 0);
            (counters[lane], counters[TLanes.Count + lane]) = ((uint)number, (uint)(number >> 32));
        }
    }

    private static void Store(ref uint words, ref byte output)
    {
        for (var i = 0; i < TLanes.Count * Blake3Block.KeyWords; i++)
        {
            Unsafe.WriteUnaligned(
                ref Unsafe.Add(ref output, i * sizeof(uint)), Unsafe.Add(ref words, i % Blake3Block.KeyWords * TLanes.Count + i / Blake3Block.KeyWords));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Word(ref TVector m, ref byte schedule, int place) => Unsafe.Add(ref m, Unsafe.Add(ref schedule, place));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(ref TVector a, ref TVector b, ref TVector c, ref TVector d, TVector x, TVector y)
    {
        a = TLanes.Add(TLanes.Add(a, x), b);
        d = TLanes.RotateRight16(TLanes.Xor(d, a));
        c = TLanes.Add(c, d);
        b = TLanes.RotateRight12(TLanes.Xor(b, c));
        a = TLanes.Add(TLanes.Add(a, y), b);
        d = TLanes.RotateRight8(TLanes.Xor(d, a));
        c = TLanes.Add(c, d);
        b = TLanes.RotateRight7(TLanes.Xor(b, c));
    }
}
