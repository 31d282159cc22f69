namespace ModelGarden.Artifacts.Objects.Remote;

/// <summary>How much all readers of a store together may hold of what they have read ahead. Who gets none reads without.</summary>
internal sealed class ReadAheadBudget(long bytes)
{
    private long _left = bytes;

    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _left, -bytes) >= 0)
        {
            return true;
        }

        Give(bytes);
        return false;
    }

    public void Give(int bytes) => Interlocked.Add(ref _left, bytes);
}
