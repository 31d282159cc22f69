using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Search.Documents;

namespace ModelGarden.Search.Queries;

/// <summary>
/// Tells where in what a hit shows there is what was looked for, by the rules by which it was found: of a word that may be a beginning the beginning, of a phrase all from its first word to its last.
/// </summary>
internal sealed class Highlighter
{
    private const int MostRanges = 100;
    private readonly SearchQuery _query;
    private readonly List<QueryWord> _words;
    private readonly Dictionary<string, Spelling> _spellings;
    private readonly Dictionary<string, string> _stems;

    public Highlighter(SearchQuery query)
    {
        // The words of a phrase count where they are together.
        _words = [.. query.Words.Where(word => word.Form is not WordForm.Exact || !query.Phrases.Any(phrase => phrase.Count > 1 && phrase.Contains(word.Text)))];
        _query = query;
        _spellings = _words.Where(word => word.Form is WordForm.Near).ToDictionary(word => word.Text, word => new Spelling(word.Text));
        _stems = _words.Where(word => word.Form is WordForm.Whole or WordForm.Begun).ToDictionary(word => word.Text, word => EnglishStem.Of(word.Text));
    }

    /// <summary>Of its name, title and summary those in which there is something.</summary>
    public IEnumerable<Highlight> Of(Repository repository)
    {
        var name = DocumentFields.ShortNameOf(repository);
        var start = repository.Name.Length - name.Length;
        List<TextRange> inName = [.. RangesOf(DocumentFields.OwnerOf(repository), 0, hasForms: true), .. RangesOf(name, start, hasForms: false)];
        (string Field, List<TextRange> Ranges)[] fields =
        [
            ("name", inName),
            ("title", RangesOf(repository.Record?.Declared?.Title ?? "", 0, hasForms: true)),
            ("summary", RangesOf(repository.Record?.Declared?.Summary ?? "", 0, hasForms: true)),
        ];
        return fields.Where(field => field.Ranges.Count > 0).Select(field => new Highlight { Field = field.Field, Ranges = { field.Ranges } });
    }

    /// <param name="text">What is looked through.</param>
    /// <param name="offset">Where in the field it begins.</param>
    /// <param name="hasForms">Other forms of English words count, as they do but in names.</param>
    private List<TextRange> RangesOf(string text, int offset, bool hasForms)
    {
        var (found, run) = (new List<(int Start, int End)>(), new List<(int Start, string Word)>());
        for (var reader = new WordReader(text, withParts: true); reader.MoveNext();)
        {
            var word = reader.Current.ToString().ToLowerInvariant();
            if (LengthIn(word, hasForms) is > 0 and var length)
            {
                found.Add((reader.Start, reader.Start + length));
            }

            if (!reader.IsPart)
            {
                run.Add((reader.Start, word));
            }
        }

        foreach (var phrase in _query.Phrases)
        {
            AddPhrase(phrase, run, found);
        }

        return Joined(found, offset);
    }

    /// <summary>How much of a word was looked for; 0: it was not.</summary>
    private int LengthIn(string word, bool hasForms) => _words.Select(wanted => wanted switch
    {
        _ when word == wanted.Text => word.Length,
        { Form: WordForm.Near } when _spellings[wanted.Text].IsNear(Encoding.UTF8.GetBytes(word)) => word.Length,
        { Form: WordForm.Whole or WordForm.Begun } when hasForms && EnglishStem.Of(word) == _stems[wanted.Text] => word.Length,
        { Form: WordForm.Begun } when word.StartsWith(wanted.Text, StringComparison.Ordinal) => wanted.Text.Length,
        _ => 0,
    }).DefaultIfEmpty().Max();

    private static void AddPhrase(IReadOnlyList<string> phrase, List<(int Start, string Word)> run, List<(int Start, int End)> found)
    {
        for (var first = 0; first + phrase.Count <= run.Count; first++)
        {
            if (run.GetRange(first, phrase.Count).Select(word => word.Word).SequenceEqual(phrase))
            {
                var last = run[first + phrase.Count - 1];
                found.Add((run[first].Start, last.Start + last.Word.Length));
            }
        }
    }

    private static List<TextRange> Joined(List<(int Start, int End)> found, int offset)
    {
        var joined = new List<TextRange>();
        foreach (var (start, end) in found.Order())
        {
            if (joined is [.., var last] && offset + start <= last.Start + last.Length)
            {
                last.Length = Math.Max(last.Length, offset + end - last.Start);
            }
            else if (joined.Count < MostRanges)
            {
                joined.Add(new() { Start = offset + start, Length = end - start });
            }
        }

        return joined;
    }
}
