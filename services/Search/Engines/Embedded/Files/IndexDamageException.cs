namespace ModelGarden.Search.Engines.Embedded.Files;

/// <summary>A file of an index is not as it was written, or of another version: the index is to be dropped and built anew.</summary>
internal sealed class IndexDamageException(string file, string what) : IOException($"{file}: {what}");
