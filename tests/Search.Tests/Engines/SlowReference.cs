using Google.Protobuf.Collections;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Search.Tests.Engines;

/// <summary>What a search has to answer, written as plainly as can be: looks at everything, every time.</summary>
internal static class SlowReference
{
    /// <summary>The repositories that match, as the viewer sees them, in the order of the query; with their scores, if that is relevance.</summary>
    public static IReadOnlyList<(Repository Repository, double Score)> Find(IReadOnlyCollection<Repository> states, QueryRequest query, Viewer viewer, string? without = null)
    {
        var matching = Matching(states, query, viewer, without);
        var found = (query.Fold && without is null ? matching.Where(repository => SlowFold.TopOf(repository, matching) == repository) : matching).OrderBy(repository => repository.Name.ToLowerInvariant(), StringComparer.Ordinal);
        return query.Sort is "relevance" || (query.Sort.Length == 0 && (Split(query.Text).Count > 0 || query.Phrases.Count > 0 || query.Near.Count > 0))
            ? [.. SlowScores.Of(found, query, [.. Shown(states, new(false, ""))]).OrderByDescending(match => match.Score)]
            : [.. Order(found, query).Select(repository => (repository, 0.0))];
    }

    /// <summary>How many of what matches stand under each that is shown, by its id.</summary>
    public static IReadOnlyDictionary<string, int> Folded(IReadOnlyCollection<Repository> states, QueryRequest query, Viewer viewer)
    {
        var matching = query.Fold ? Matching(states, query, viewer, null) : [];
        return matching.GroupBy(repository => SlowFold.TopOf(repository, matching).Id).ToDictionary(group => group.Key, group => group.Count() - 1);
    }

    public static IEnumerable<string> Complete(IEnumerable<Repository> states, string beginning, Viewer viewer, int limit) =>
        Shown(states, viewer).OrderByDescending(repository => repository.Downloads).ThenBy(repository => repository.Name.ToLowerInvariant(), StringComparer.Ordinal)
            .Select(repository => repository.Name)
            .Where(name => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase) || name.Split('/')[1].StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
            .Take(limit);

    /// <summary>What somebody may have meant whose query found nothing.</summary>
    public static string DidYouMean(IReadOnlyCollection<Repository> states, QueryRequest query, Viewer viewer)
    {
        var shown = Shown(states, viewer).ToList();
        var texts = shown.Select(repository => Split(Text(repository))).ToList();
        var words = SlowWord.Of(query).Select(word => (Word: word.Text, IsKnown: shown.Exists(word.IsNear ? new SlowWord(word.Text).IsIn : word.IsIn))).ToList();
        var meant = words.Select(word => word.IsKnown ? word.Word : texts.SelectMany(text => text).Where(other => SlowSpelling.IsNear(word.Word, other))
            .GroupBy(other => other).OrderBy(other => SlowSpelling.Distance(word.Word, other.Key)).ThenByDescending(other => other.Count()).ThenBy(other => other.Key, StringComparer.Ordinal).FirstOrDefault()?.Key).Distinct().ToList();
        var again = query.Clone();
        again.Text = string.Join(' ', meant) + " ";
        again.Near.Clear();
        again.Phrases.Clear();
        return words.Count(word => !word.IsKnown) is > 0 and <= 4 && meant.Count == words.Count && !meant.Contains(null) && Find(states, again, viewer).Count > 0 ? again.Text.Trim() : "";
    }

    public static IEnumerable<(string Value, long Count)> Facet(IReadOnlyCollection<Repository> states, QueryRequest query, Viewer viewer, string facet) =>
        Find(states, query, viewer, without: facet).SelectMany(match => Values(match.Repository, facet).DistinctBy(value => value.ToLowerInvariant()))
            .GroupBy(value => value.ToLowerInvariant())
            .Select(group => (Value: group.Order(StringComparer.Ordinal).First(), Count: group.LongCount()))
            .OrderByDescending(value => value.Count).ThenBy(value => value.Value, StringComparer.Ordinal).Take(50);

    public static List<string> Split(string text) => [.. Cut(text).Distinct()];

    /// <summary>All words of a text, in small letters.</summary>
    public static string[] Cut(string text) => text.ToLowerInvariant().Split([' ', '-', '/', ',', '.'], StringSplitOptions.RemoveEmptyEntries);

    private static List<Repository> Matching(IReadOnlyCollection<Repository> states, QueryRequest query, Viewer viewer, string? without) =>
        [.. Shown(states, viewer).Where(repository => Matches(repository, query, without))];

    private static IEnumerable<Repository> Shown(IEnumerable<Repository> states, Viewer viewer) => states.Select(state => Seen(state, viewer)).OfType<Repository>();

    private static Repository? Seen(Repository state, Viewer viewer)
    {
        var seen = state.Clone();
        seen.PublishedRecord = null;
        var isOwner = state.Name.Split('/')[0].Equals(viewer.Tenant, StringComparison.OrdinalIgnoreCase);
        if (viewer.SeesAll || (isOwner && state.Lifecycle != Lifecycle.TakenDown))
        {
            return seen;
        }

        if (state.Visibility != Visibility.Garden || (state.Lifecycle != Lifecycle.Published && state.Lifecycle != Lifecycle.Deprecated))
        {
            return null;
        }

        seen.Record = state.PublishedRecord;
        seen.Head = state.PublishedRevisions[0];
        seen.SubmittedRevision = "";
        return seen;
    }

    private static bool Matches(Repository repository, QueryRequest query, string? without)
    {
        var text = Split(Text(repository));
        return SlowWord.Of(query).All(word => word.IsIn(repository))
            && query.Phrases.All(phrase => SlowWord.HasPhrase(repository, phrase))
            && (!query.HasMinimumParameters || (repository.Record.Measured.HasParameters && repository.Record.Measured.Parameters >= query.MinimumParameters))
            && (!query.HasMaximumParameters || (repository.Record.Measured.HasParameters && repository.Record.Measured.Parameters <= query.MaximumParameters))
            && (query.Kind == RepositoryKind.Unspecified || query.Kind == repository.Kind)
            && Passes(repository, "task", query.Tasks, without) && Passes(repository, "library", query.Libraries, without)
            && Passes(repository, "license", query.Licenses, without) && Passes(repository, "owner", query.Owners, without)
            && Passes(repository, "format", query.Formats, without)
            && !query.Excluded.Any(exclusion => exclusion.Field == "word"
                ? exclusion.Values.Any(value => Split(value) is { Count: > 0 } all && all.TrueForAll(text.Contains))
                : exclusion.Field == "phrase" ? exclusion.Values.Any(value => SlowWord.HasPhrase(repository, value))
                : Values(repository, exclusion.Field).Any(value => exclusion.Values.Contains(value, StringComparer.OrdinalIgnoreCase)));
    }

    private static bool Passes(Repository repository, string facet, RepeatedField<string> wanted, string? without) =>
        facet == without || wanted.Count == 0 || Values(repository, facet).Any(value => wanted.Contains(value, StringComparer.OrdinalIgnoreCase));

    private static IEnumerable<string> Values(Repository repository, string facet) => (facet switch
    {
        "task" => [repository.Record.Declared.Task],
        "library" => [repository.Record.Declared.Library],
        "license" => repository.Record.Declared.Licenses,
        "language" => repository.Record.Declared.Languages,
        "tag" => repository.ContentRating >= ContentRating.Sensitive ? repository.Record.Declared.Tags.Append("not-for-all-audiences") : repository.Record.Declared.Tags,
        "owner" => [repository.Name.Split('/')[0]],
        _ => (IEnumerable<string>)repository.Record.Measured.Formats,
    }).Where(value => value.Length > 0);

    private static string Text(Repository repository)
    {
        var declared = repository.Record.Declared;
        return string.Join(' ', [repository.Name, declared.Title, declared.Summary, declared.Task, declared.Library, .. declared.Licenses, .. declared.Languages, .. declared.Tags, .. declared.BaseModels, .. repository.Record.Measured.Formats]);
    }

    private static IEnumerable<Repository> Order(IOrderedEnumerable<Repository> byName, QueryRequest query) => query.Sort switch
    {
        "downloads" => byName.OrderByDescending(repository => repository.Downloads),
        "likes" => byName.OrderByDescending(repository => repository.Likes),
        "trending" => byName.OrderByDescending(repository => repository.Trend),
        "parameters" => byName.OrderByDescending(repository => repository.Record.Measured is { HasParameters: true } measured ? measured.Parameters : -1),
        "size" => byName.OrderByDescending(repository => repository.Record.Measured.Size),
        "created" => byName.OrderByDescending(repository => repository.CreatedAt.Seconds),
        "updated" or "" => byName.OrderByDescending(repository => repository.UpdatedAt.Seconds),
        _ => byName,
    };
}
