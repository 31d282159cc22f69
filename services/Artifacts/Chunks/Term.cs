namespace ModelGarden.Artifacts.Chunks;

/// <summary>A run of chunks of one xorb that a file continues with.</summary>
/// <param name="Xorb">The xorb's id in the database.</param>
/// <param name="First">Number of the first chunk.</param>
/// <param name="End">Number behind the last chunk.</param>
/// <param name="Length">Bytes of the file that they hold.</param>
internal readonly record struct Term(long Xorb, int First, int End, long Length);
