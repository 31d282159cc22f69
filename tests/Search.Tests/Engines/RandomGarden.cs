using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Search.Tests.Engines;

/// <summary>Random repositories, queries and viewers out of few words and values, so that much meets much.</summary>
internal sealed class RandomGarden(int seed)
{
    public static readonly string[] Owners = ["acme", "Globex", "initech"];
    private static readonly string[] Vocabulary = ["llama", "llamas", "lla", "mistral", "tiny", "big", "chat", "code", "coding", "codes", "vision", "7b", "70b", "instruct"];
    private static readonly string[] Tasks = ["text-generation", "Text-Generation", "image-classification", "", "embedding"];
    private static readonly string[] Libraries = ["transformers", "onnx", ""];
    private static readonly string[] Licenses = ["apache-2.0", "mit", "other"];
    private static readonly string[] Formats = ["safetensors", "gguf", "onnx"];
    private static readonly string[] Facets = ["task", "library", "license", "language", "tag", "owner", "format"];
    private readonly Random _random = new(seed);
    private readonly List<string> _names = ["acme/base"];

    public int Next(int limit) => _random.Next(limit);

    public Repository Repository(int number)
    {
        var owner = Pick(Owners);
        var repository = new Repository
        {
            Id = $"{number:d4}",
            Name = $"{owner}/{Pick(Vocabulary)}-{Pick(Vocabulary)}-{number}",
            Kind = (RepositoryKind)_random.Next(1, 3),
            Visibility = (Visibility)_random.Next(1, 3),
            Lifecycle = (Lifecycle)_random.Next(1, 9),
            Head = "head",
            SubmittedRevision = "submitted",
            Record = Record("head"),
            Downloads = _random.Next(5),
            Likes = _random.Next(5),
            Trend = _random.Next(5) / 4.0,
            CreatedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(_random.Next(10))),
            UpdatedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(_random.Next(10))),
        };
        _names.Add(repository.Name);
        // No card here has the tag that rates.
        repository.AttestedRating = repository.ContentRating = (ContentRating)_random.Next(1, 5);
        if (repository.Lifecycle is Lifecycle.Published or Lifecycle.Deprecated or Lifecycle.Retired)
        {
            repository.PublishedRevisions.AddRange(["published", "older"]);
            repository.PublishedRecord = _random.Next(2) is 0 ? repository.Record.Clone() : Record("published");
        }

        return repository;
    }

    public QueryRequest Query()
    {
        var query = new QueryRequest
        {
            Text = Text(),
            Kind = _random.Next(3) is 0 ? RepositoryKind.Model : RepositoryKind.Unspecified,
            Tasks = { Sometimes(Some(Tasks, 2).Where(task => task.Length > 0)) },
            Libraries = { Sometimes(Some(Libraries, 1).Where(library => library.Length > 0)) },
            Licenses = { Sometimes(Some(Licenses, 2)) },
            Owners = { Sometimes(Some(Owners, 1)) },
            Formats = { Sometimes(Some(Formats, 1)) },
            Facets = { Facets.Where(_ => _random.Next(5) > 0) },
            Sort = Pick(["", "relevance", "downloads", "likes", "trending", "updated", "created", "name", "parameters", "size"]),
            PageSize = _random.Next(1, 40),
            Fold = _random.Next(5) is 0,
            Phrases = { Sometimes(Enumerable.Range(0, _random.Next(3)).Select(_ => Phrase())) },
        };
        if (_random.Next(6) is 0)
        {
            query.MinimumParameters = Parameters();
        }

        if (_random.Next(6) is 0)
        {
            query.MaximumParameters = Parameters();
        }

        if (_random.Next(4) is 0)
        {
            query.Excluded.Add(Exclusion());
        }

        if (_random.Next(6) is 0)
        {
            query.Near.AddRange(Some(Vocabulary, 2).Select(Misspelt).Where(word => word.Length > 0).Distinct());
        }

        return query;
    }

    private string Phrase() => string.Join(' ', Enumerable.Range(0, _random.Next(1, 3)).Select(_ => Pick(Vocabulary)));

    private Exclusion Exclusion() => _random.Next(5) switch
    {
        0 => new() { Field = "license", Values = { Some(Licenses, 2) } },
        1 => new() { Field = "owner", Values = { Some(Owners, 1) } },
        2 => new() { Field = "tag", Values = { Some(Vocabulary, 2) } },
        3 => new() { Field = "phrase", Values = { Phrase(), Phrase() } },
        _ => new() { Field = "word", Values = { string.Join(' ', Some(Vocabulary, 2)), Pick(Vocabulary) } },
    };

    public Viewer Viewer() => _random.Next(5) switch
    {
        0 => new(SeesAll: true, ""),
        1 => new(SeesAll: false, ""),
        _ => new(SeesAll: false, Pick(Owners).ToUpperInvariant()),
    };

    private string Text() => _random.Next(10) is 0
        ? $"{Pick(Owners)}/{Pick(Vocabulary)}-{Pick(Vocabulary)}-{_random.Next(120)}"
        : string.Join(' ', Some(Vocabulary, 3).Select(word => _random.Next(4) is 0 ? word[..^1] : _random.Next(6) is 0 ? Misspelt(word) : word)) + (_random.Next(4) is 0 ? " " : "");

    /// <summary>With up to three letters left out, put in or exchanged.</summary>
    private string Misspelt(string word)
    {
        for (var edits = _random.Next(4); edits > 0 && word.Length > 1; edits--)
        {
            var at = _random.Next(word.Length - 1);
            word = _random.Next(4) switch
            {
                0 => word.Remove(at, 1),
                1 => word.Insert(at, Pick(["a", "l", "8"])),
                2 => $"{word[..at]}{word[at + 1]}{word[at]}{word[(at + 2)..]}",
                _ => $"{word[..at]}m{word[(at + 1)..]}",
            };
        }

        return word;
    }

    private long Parameters() => Pick([0, 1, 7_000, 8_000, 70_000, long.MaxValue]);

    private MeasuredFacts Measured()
    {
        var measured = new MeasuredFacts { Formats = { Some(Formats, 2) }, Size = Pick([0, 5, 900, 1L << 40]) };
        if (_random.Next(3) > 0)
        {
            measured.Parameters = Parameters();
        }

        return measured;
    }

    private ModelRecord Record(string revision) => new()
    {
        Revision = revision,
        Declared = new()
        {
            Title = string.Join(' ', Some(Vocabulary, 3)),
            Summary = string.Join(", ", Some(Vocabulary, 4)),
            Task = Pick(Tasks),
            Library = Pick(Libraries),
            Licenses = { Some(Licenses, 2) },
            Languages = { Some(["en", "de"], 2) },
            Tags = { Some(Vocabulary, 3), Sometimes([Phrase()]) },
            BaseModels = { Sometimes([$"{Pick(Owners)}/base"]), Sometimes(Some([.. _names], 2)).Select(name => _random.Next(3) is 0 ? name.ToUpperInvariant() : name) },
        },
        Measured = Measured(),
    };

    private IEnumerable<string> Sometimes(IEnumerable<string> values) => _random.Next(3) is 0 ? values : [];

    private T Pick<T>(T[] values) => values[_random.Next(values.Length)];

    private IEnumerable<string> Some(string[] values, int most) => [.. Enumerable.Range(0, _random.Next(most + 1)).Select(_ => Pick(values)).Distinct()];
}
