using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Artifacts.Collection;

/// <summary>One collection under way.</summary>
/// <param name="before">What has been named or touched since then is left alone.</param>
/// <param name="isDry">Nothing is changed; what would be is kept in mind instead, so that the later steps reckon with it.</param>
internal sealed class CollectionRun(DateTimeOffset before, bool isDry)
{
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);

    public DateTimeOffset Before => before;

    public bool IsDry => isDry;

    /// <summary>What files are made of, as far as it has seen.</summary>
    public LayoutsOfRun Layouts { get; } = new();

    /// <summary>What it did; of a dry run, what it would have done as things stand.</summary>
    public CollectGarbageResponse Report { get; } = new();

    /// <summary>A file is deleted, or would be.</summary>
    public void Gone(FileRow file)
    {
        (Report.Files, Report.FileBytes) = (Report.Files + 1, Report.FileBytes + file.Size);
        if (isDry)
        {
            _gone.Add(file.Sha256);
        }
    }

    /// <summary>In a dry run: the file would be there no longer.</summary>
    public bool IsGone(string sha256) => _gone.Contains(sha256);
}
