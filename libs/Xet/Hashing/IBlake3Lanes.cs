namespace ModelGarden.Xet;

/// <summary>
/// A vector with a word of a different block in each lane, and what BLAKE3 does with it: <see cref="Blake3Kernel{TLanes, TVector}"/> is compiled
/// once for each width.
/// </summary>
internal interface IBlake3Lanes<TVector>
    where TVector : unmanaged
{
    /// <summary>How many blocks are compressed at once.</summary>
    static abstract int Count { get; }

    static abstract TVector Broadcast(uint word);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Xor(TVector left, TVector right);

    static abstract TVector RotateRight16(TVector vector);

    static abstract TVector RotateRight12(TVector vector);

    static abstract TVector RotateRight8(TVector vector);

    static abstract TVector RotateRight7(TVector vector);

    /// <summary>Reads a block of 64 bytes for each lane, <paramref name="stride"/> bytes apart, into sixteen vectors, one for each word.</summary>
    static abstract void Load(ref byte blocks, nint stride, ref TVector words);
}
