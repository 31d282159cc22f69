namespace ModelGarden.Xet;

/// <summary>A chunk of a file or of a xorb: the hash of its bytes, and how many they are before any compression.</summary>
public readonly record struct Chunk(XetHash Hash, int Length);
