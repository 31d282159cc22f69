using Google.Protobuf.Collections;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Search.Queries.Language;

/// <summary>
/// Reads the query language, which people type: words, phrases in quotation marks, and terms such as <c>task:text-generation</c>, <c>license:mit,apache-2.0</c>, <c>-tag:merge</c>, <c>params&lt;8B</c>,
/// <c>sort:downloads</c>. What it says, a request could say as well; what is wrong is told with its column.
/// </summary>
internal sealed class QueryLanguage
{
    private const string Parameters = "params";
    private const char Near = '~';
    private readonly QueryText _text;
    private readonly QueryRequest _request = new();
    private bool _endsInAWord;

    private QueryLanguage(string text) => _text = new(text);

    public static Result<QueryRequest> Read(string text) => new QueryLanguage(text).Read();

    private Result<QueryRequest> Read()
    {
        while (_text.SkipSpace())
        {
            _endsInAWord = false;
            if (ReadTerm() is { } error)
            {
                return error;
            }
        }

        _request.Text += _request.Text.Length > 0 && !_endsInAWord ? " " : "";
        return _request;
    }

    private Error? ReadTerm()
    {
        var start = _text.Place;
        var isExcluded = _text.Take('-');
        if (_text.TakeField() is { } field)
        {
            return ReadField(field, isExcluded, start);
        }

        var isQuoted = _text.IsAtQuote;
        var words = _text.TakeValue(stopsAtComma: false);
        if (words.Error is { } error)
        {
            return error;
        }

        if (words.Value.Length is 0)
        {
            return _text.Fault(start, isQuoted ? "there is nothing between the quotation marks" : "'-' excludes the word or the field that follows it without a space");
        }

        if (!isQuoted && words.Value[^1] is Near)
        {
            return ReadNear(words.Value[..^1], isExcluded, start);
        }

        if (isExcluded)
        {
            return Exclude(isQuoted ? "phrase" : "word", [words.Value]);
        }

        if (isQuoted)
        {
            _request.Phrases.Add(words.Value);
            return null;
        }

        _request.Text += (_request.Text.Length > 0 ? " " : "") + words.Value;
        _endsInAWord = _text.IsAtEnd;
        return null;
    }

    private Error? ReadNear(string word, bool isExcluded, int start)
    {
        if (isExcluded || word.Length is 0)
        {
            return _text.Fault(start, isExcluded ? "what is excluded is spelt as it is: leave out the '~'" : "'~' stands behind a word without a space, and finds what is spelt almost so");
        }

        _request.Near.Add(word);
        return null;
    }

    private Error? ReadField(string field, bool isExcluded, int start) => field switch
    {
        Parameters when isExcluded => _text.Fault(start, "params is not excluded: bound it the other way round"),
        Parameters => ReadParameters(start),
        "kind" or "sort" or "fold" when isExcluded => _text.Fault(start, $"{field} is not excluded: name what is wanted"),
        "kind" => _request.Kind is RepositoryKind.Unspecified ? ReadKind() : Twice(field, start),
        "sort" => _request.Sort.Length is 0 ? ReadSort() : Twice(field, start),
        "fold" => !_request.Fold ? ReadFold() : Twice(field, start),
        _ when QueryReader.ListOf(_request, field) is { } list => ReadValues(field, list, isExcluded, start),
        _ => _text.Fault(start, $"no field is called '{Text.Shorten(field)}': task, library, license, language, tag, owner, format, base, kind, params, sort and fold are; words with a colon stand in quotation marks"),
    };

    private Error? ReadValues(string field, RepeatedField<string> list, bool isExcluded, int start)
    {
        var values = _text.TakeValues(field);
        if (values.Error is { } error)
        {
            return error;
        }

        if (isExcluded)
        {
            return Exclude(field, values.Value);
        }

        if (list.Count > 0)
        {
            return Twice(field, start);
        }

        list.AddRange(values.Value);
        return null;
    }

    private Error? Exclude(string field, IEnumerable<string> values)
    {
        _request.Excluded.Add(new Exclusion { Field = field, Values = { values } });
        return null;
    }

    private Error? ReadKind()
    {
        var start = _text.Place;
        var value = _text.TakeOne("kind");
        if (value.Error is { } error)
        {
            return error;
        }

        _request.Kind = value.Value.ToLowerInvariant() switch
        {
            "model" => RepositoryKind.Model,
            "dataset" => RepositoryKind.Dataset,
            "app" => RepositoryKind.App,
            _ => RepositoryKind.Unspecified,
        };
        return _request.Kind is RepositoryKind.Unspecified ? _text.Fault(start, $"kind is '{Text.Shorten(value.Value)}': model, dataset or app is expected") : null;
    }

    private Error? ReadSort()
    {
        var start = _text.Place;
        var value = _text.TakeOne("sort");
        if (value.Error is { } error)
        {
            return error;
        }

        _request.Sort = value.Value.ToLowerInvariant();
        return QueryReader.IsSort(_request.Sort) ? null : _text.Fault(start, SearchErrors.BadSort(_request.Sort).Message);
    }

    private Error? ReadFold()
    {
        var start = _text.Place;
        var value = _text.TakeOne("fold");
        if (value.Error is { } error)
        {
            return error;
        }

        _request.Fold = value.Value.Equals("base", StringComparison.OrdinalIgnoreCase);
        return _request.Fold ? null : _text.Fault(start, $"fold is '{Text.Shorten(value.Value)}': base is expected");
    }

    private Error? ReadParameters(int start)
    {
        var bound = _text.TakeOperator();
        var at = _text.Place;
        var value = _text.TakeOne(Parameters);
        if (value.Error is { } error)
        {
            return error;
        }

        var range = ParameterRange.Read(bound, value.Value);
        if (range.Error is { } fault)
        {
            return _text.Fault(at, fault.Message);
        }

        var (least, most) = range.Value;
        if ((least is not null && _request.HasMinimumParameters) || (most is not null && _request.HasMaximumParameters))
        {
            return Twice(Parameters, start);
        }

        SetBounds(least, most);
        return null;
    }

    private void SetBounds(long? least, long? most)
    {
        if (least is { } minimum)
        {
            _request.MinimumParameters = minimum;
        }

        if (most is { } maximum)
        {
            _request.MaximumParameters = maximum;
        }
    }

    private Error Twice(string field, int start) => _text.Fault(start, field switch
    {
        Parameters => "params is bounded on this side already",
        "kind" or "sort" or "fold" => $"{field} is said already",
        _ => $"{field} is said already: alternatives are one term with commas between, {field}:one,other",
    });
}
