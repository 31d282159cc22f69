using ModelGarden.Artifacts.Objects;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>A xorb that is in the store.</summary>
/// <param name="Id">In the database.</param>
/// <param name="Hash">Its Xet hash.</param>
/// <param name="Object">Its bytes, as its sender or this service wrote them: chunks back to back, no footer.</param>
/// <param name="Index">What is where in it.</param>
/// <param name="IsDamaged">In some of its chunks, as the scrub has found: nothing new is to be made of it.</param>
internal sealed record StoredXorb(long Id, XetHash Hash, ObjectKey Object, XorbIndex Index, bool IsDamaged);

/// <summary>Where one chunk is.</summary>
internal readonly record struct ChunkPlace(StoredXorb Xorb, int Number);
