namespace ModelGarden.Artifacts.Collection;

/// <summary>What a collection did; of a dry run, what it would have done as things stand.</summary>
internal sealed class CollectionReport
{
    /// <summary>Files that no repository has.</summary>
    public long Files { get; set; }

    /// <summary>Their bytes.</summary>
    public long FileBytes { get; set; }

    /// <summary>Xorbs that no file needs.</summary>
    public long Xorbs { get; set; }

    /// <summary>Xorbs of which files need so little that this was written anew.</summary>
    public long RewrittenXorbs { get; set; }

    /// <summary>Stored bytes that those held for nothing; free when nobody can be reading them any more.</summary>
    public long GarbageBytes { get; set; }

    /// <summary>Objects deleted, for nothing has named them for long.</summary>
    public long Objects { get; set; }
}
