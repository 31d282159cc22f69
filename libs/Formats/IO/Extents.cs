namespace ModelGarden.Formats.IO;

/// <summary>The stretches of a buffer that tensors claim: finds overlaps, and gaps where bytes could hide.</summary>
internal sealed class Extents
{
    private readonly List<(long Begin, long End)> _list = [];

    public void Add(long begin, long end) => _list.Add((begin, end));

    /// <summary>Says every overlap and every gap of more than <paramref name="slack"/> bytes between 0 and <paramref name="length"/>.</summary>
    public void Check(Findings findings, string rule, long origin, long length, long slack)
    {
        _list.Sort();
        var covered = 0L;
        foreach (var (begin, end) in _list)
        {
            if (begin < covered)
            {
                findings.Suspicious($"{rule}.overlap", $"tensor bytes {begin} to {end} begin inside a tensor that ends at {covered}", origin + begin);
            }
            else if (begin - covered > slack)
            {
                findings.Suspicious($"{rule}.hole", $"bytes {covered} to {begin} of the buffer belong to no tensor", origin + covered);
            }

            covered = Math.Max(covered, end);
        }

        if (length - covered > slack)
        {
            findings.Suspicious($"{rule}.trailing", $"{length - covered} bytes behind the last tensor belong to none", origin + covered);
        }
    }
}
