using ModelGarden.Contracts.V1;
using ModelGarden.Search.Documents;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines;

/// <summary>
/// An inverted index in memory. Documents are numbered as they come; one that changes gets a new number and leaves its old one dead, until half of
/// all numbers are dead and the index is made anew. Many search at once, one writes.
/// </summary>
internal sealed class InMemorySearchEngine : ISearchEngine, IDisposable
{
    private const int FewestDead = 1000;
    private readonly ReaderWriterLockSlim _lock = new();
    private readonly Dictionary<string, List<int>> _numbers = new(StringComparer.Ordinal);
    private List<Document?> _documents = [];
    private TermIndex _terms = new();
    private int _dead;

    public int Count
    {
        get
        {
            _lock.EnterReadLock();
            try
            {
                return _numbers.Count;
            }
            finally
            {
                _lock.ExitReadLock();
            }
        }
    }

    public ValueTask PutAsync(Repository state, CancellationToken cancellationToken)
    {
        var views = Views.Of(state).ToList();
        Write(() =>
        {
            Forget(state.Id);
            _numbers[state.Id] = [.. views.Select(Add)];
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveAsync(string id, CancellationToken cancellationToken)
    {
        Write(() => Forget(id));
        return ValueTask.CompletedTask;
    }

    public ValueTask<SearchResult> SearchAsync(SearchQuery query, Viewer viewer, CancellationToken cancellationToken)
    {
        _lock.EnterReadLock();
        try
        {
            var candidates = query.Words.Count is 0 ? Everything(viewer) : new TextMatch(_terms, _documents, viewer).Find(query.Words);
            return new(new Selection(query).Select(candidates));
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    public void Dispose() => _lock.Dispose();

    private IEnumerable<(Document Document, double Score)> Everything(Viewer viewer) => _documents.OfType<Document>().Where(document => document.IsFor(viewer)).Select(document => (document, 0.0));

    private int Add(Document document)
    {
        _documents.Add(document);
        _terms.Add(_documents.Count - 1, document.Weights);
        return _documents.Count - 1;
    }

    private void Forget(string id)
    {
        if (!_numbers.Remove(id, out var numbers))
        {
            return;
        }

        foreach (var number in numbers)
        {
            _documents[number] = null;
            _dead++;
        }
    }

    private void Write(System.Action change)
    {
        _lock.EnterWriteLock();
        try
        {
            change();
            if (_dead > FewestDead && _dead > _documents.Count / 2)
            {
                MakeAnew();
            }
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    private void MakeAnew()
    {
        var living = _documents.OfType<Document>().ToList();
        (_documents, _terms, _dead) = ([], new(), 0);
        _numbers.Clear();
        foreach (var document in living)
        {
            if (!_numbers.TryGetValue(document.Repository.Id, out var numbers))
            {
                _numbers[document.Repository.Id] = numbers = [];
            }

            numbers.Add(Add(document));
        }
    }
}
