using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>A xorb that a file under way refers to; one that is being written has no id yet.</summary>
internal sealed class XorbReference
{
    public long Id { get; set; }

    public bool IsSame(XorbReference other) => ReferenceEquals(this, other) || (Id is not 0 && Id == other.Id);
}

/// <summary>Puts a file's layout together, chunk by chunk.</summary>
internal sealed class LayoutBuilder
{
    private readonly MerkleTree _tree = new();
    private readonly List<OpenTerm> _terms = [];

    public void Add(XetHash chunk, int length, XorbReference xorb, int number)
    {
        _tree.Append(chunk, length);
        if (_terms.Count > 0 && _terms[^1] is var last && last.End == number && last.Xorb.IsSame(xorb))
        {
            _terms[^1] = last with { End = number + 1, Length = last.Length + length };
        }
        else
        {
            _terms.Add(new(xorb, number, number + 1, length));
        }
    }

    /// <summary>Those that are known by an id yet.</summary>
    public IReadOnlyCollection<long> Xorbs => [.. _terms.Select(term => term.Xorb.Id).Where(id => id is not 0).Distinct()];

    /// <summary>When all xorbs have been written.</summary>
    public FileLayout Build() => new(_tree.FileHash(), [.. _terms.Select(term => new Term(term.Xorb.Id, term.First, term.End, term.Length))]);

    private readonly record struct OpenTerm(XorbReference Xorb, int First, int End, long Length);
}
