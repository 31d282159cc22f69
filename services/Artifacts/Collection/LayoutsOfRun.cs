using ModelGarden.Artifacts.Chunks;

namespace ModelGarden.Artifacts.Collection;

/// <summary>
/// What files are made of, kept while a collection looks at one xorb after another: a large file has thousands of them, and its layout need not be read for each. One
/// that has changed since is noticed where it matters: it is compared with the database's own before anything is made of it.
/// </summary>
internal sealed class LayoutsOfRun
{
    private const int MaximumTerms = 1 << 20;
    private readonly Dictionary<string, FileTerms> _files = new(StringComparer.Ordinal);
    private int _terms;

    public FileTerms? Find(string sha256) => _files.GetValueOrDefault(sha256);

    public FileTerms Keep(LayoutRow row)
    {
        var terms = row.ToLayout().Terms;
        if (_terms + terms.Count > MaximumTerms)
        {
            _files.Clear();
            _terms = 0;
        }

        _terms += terms.Count;
        return _files[row.Sha256] = new(row, terms.ToLookup(term => term.Xorb));
    }

    /// <summary>It is made of something else now.</summary>
    public void Forget(LayoutRow row) => _files.Remove(row.Sha256);
}

/// <summary>A layout as it is stored, and its terms by xorb.</summary>
internal sealed record FileTerms(LayoutRow Row, ILookup<long, Term> Terms);
