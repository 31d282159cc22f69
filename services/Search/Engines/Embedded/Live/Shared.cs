namespace ModelGarden.Search.Engines.Embedded.Live;

/// <summary>What several hold at once and the last one closes. Whoever makes it holds it.</summary>
internal abstract class Shared
{
    private int _holders = 1;

    /// <summary>Holds it too, unless the last holder has let go already.</summary>
    public bool TryHold()
    {
        for (var holders = Volatile.Read(ref _holders); holders > 0;)
        {
            var before = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (before == holders)
            {
                return true;
            }

            holders = before;
        }

        return false;
    }

    public void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) is 0)
        {
            Close();
        }
    }

    protected abstract void Close();
}
