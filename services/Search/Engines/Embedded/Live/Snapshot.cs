namespace ModelGarden.Search.Engines.Embedded.Live;

/// <summary>What a query looks at, from its beginning to its end.</summary>
internal sealed class Snapshot : Shared
{
    /// <summary>Takes over the caller's holds of the views.</summary>
    public Snapshot(IReadOnlyList<SegmentView> views) => Views = views;

    public IReadOnlyList<SegmentView> Views { get; }

    protected override void Close()
    {
        foreach (var view in Views)
        {
            view.LetGo();
        }
    }
}
