using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Deployment.Planner;

/// <summary>
/// Turns the facts of a revision's files and what this machine has into what to run. Pure. A candidate that takes at most a quarter of the
/// memory that is free is comfortable: among those the truest weights win (F16 before Q8_0 before Q4). Beyond that speed goes by size, so the smallest
/// one of four bits or more wins. Fewer bits are taken for want of better. Files that were not found clean are never candidates.
/// </summary>
internal static class EndpointPlanner
{
    private const int ComfortableShare = 4;
    private const int MostRefusals = 20;
    private const int Comfortable = 0;
    private const int Tight = 1;
    private const int Poor = 2;

    public static Result<Plan> Choose(PlanRequest request)
    {
        var files = request.WishedFile.Length is 0 ? request.Files : [.. request.Files.Where(file => file.Path == request.WishedFile)];
        var judged = files.Select(file => Judge(file, request)).ToList();
        var ranking = judged.Select(one => one.Candidate).OfType<Candidate>()
            .OrderBy(candidate => PreferenceOf(candidate, request))
            .ThenBy(candidate => TierOf(candidate, request))
            .ThenByDescending(candidate => TierOf(candidate, request) is Tight ? 0 : Quality.Of(candidate.File.Facts))
            .ThenBy(candidate => candidate.MemoryEstimate)
            .ThenBy(candidate => candidate.File.Path, StringComparer.Ordinal)
            .ToList();
        List<Refusal> refusals = [.. judged.Select(one => one.Refusal).OfType<Refusal>()];
        return ranking is [var choice, ..] ? new Plan(choice, ranking, refusals) : NoRuntime(request, refusals);
    }

    private static (Candidate? Candidate, Refusal? Refusal) Judge(ModelFile file, PlanRequest request)
    {
        if (EngineFor(file, request) is var (engine, lacks) && engine is null)
        {
            return (null, new(file.Path, lacks!));
        }

        var (needed, why) = FileGroup.Of(file, request.Files);
        why ??= needed.Select(Unclean).FirstOrDefault(fault => fault is not null) ?? NotAModel(file);
        if (why is not null)
        {
            return (null, new(file.Path, why));
        }

        var memory = MemoryEstimate.Of(needed);
        return memory * request.Replicas > request.FreeMemory
            ? (null, new(file.Path, TooLarge(memory, request)))
            : (new(file, needed, engine!, memory, IsEmbedding(file.Facts, request.Task)), null);
    }

    private static string TooLarge(long memory, PlanRequest request)
    {
        var replicas = request.Replicas > 1 ? $" for each of {request.Replicas} replicas" : "";
        var kept = request.Kept > 0 ? $", {Sizes.Say(request.Kept)} of it kept for endpoints that never sleep" : "";
        return $"needs about {Sizes.Say(memory)} of memory{replicas}, this machine has {Sizes.Say(request.Memory)}{kept}";
    }

    private static (Engines.Engine? Engine, string? Lacks) EngineFor(ModelFile file, PlanRequest request)
    {
        var able = request.Engines.Where(offer => offer.Engine.Formats.Contains(file.Format)).ToList();
        return able.Count is 0 ? (null, $"no engine loads the format '{Text.Shorten(file.Format, 20)}'")
            : able.FirstOrDefault(offer => offer.Missing is null) is { } ready ? (ready.Engine, null)
            : (null, $"needs an engine that is not here: {string.Join(", or ", able.Select(offer => offer.Missing))}");
    }

    private static string? Unclean(ModelFile file) => file switch
    {
        { Sha256: "" } => $"{file.Path} is kept in the repository itself, unexamined: upload it as a large file",
        { Stored: null } => $"the bytes of {file.Path} are not in this garden",
        { Stored.Verdict: Verdict.Clean } => null,
        { Stored.Verdict: Verdict.Suspicious or Verdict.Malicious } =>
            $"{file.Path} was found {file.Stored.Verdict.ToString().ToLowerInvariant()} ({Text.Shorten(file.Stored.Findings.FirstOrDefault()?.Rule ?? "no finding", 60)})",
        _ => $"{file.Path} has not been examined yet: try again in a moment",
    };

    private static string? NotAModel(ModelFile file) => file.Facts.Architecture switch
    {
        "clip" when file.Format is "gguf" => "is a projector for images that belongs to another file",
        _ => null,
    };

    /// <summary>Encoders do nothing else; generative models that were trained on for it are known by their card.</summary>
    private static bool IsEmbedding(FileFacts facts, string task) =>
        facts.Architecture.EndsWith("bert", StringComparison.OrdinalIgnoreCase) || task is "feature-extraction" or "sentence-similarity";

    private static int PreferenceOf(Candidate candidate, PlanRequest request) =>
        request.Engines.Select(offer => offer.Engine.Formats[0]).Distinct().ToList().IndexOf(candidate.File.Format);

    private static int TierOf(Candidate candidate, PlanRequest request) => candidate switch
    {
        _ when !Quality.IsSound(candidate.File.Facts) => Poor,
        _ when candidate.MemoryEstimate * request.Replicas <= request.FreeMemory / ComfortableShare => Comfortable,
        _ => Tight,
    };

    private static Error NoRuntime(PlanRequest request, List<Refusal> refusals)
    {
        if (refusals.Count is 0)
        {
            return Error.Invalid("NO_RUNTIME", request.WishedFile.Length is 0
                ? "the revision has no files to serve"
                : $"the revision has no file '{Text.Shorten(request.WishedFile)}': name one of its files, or none");
        }

        // The largest ones are what somebody hoped to serve.
        var sizes = request.Files.ToDictionary(file => file.Path, file => file.Size, StringComparer.Ordinal);
        var shown = refusals.OrderByDescending(refusal => sizes[refusal.Path]).Take(MostRefusals).Select(refusal => Text.Shorten(refusal.ToString(), 300));
        var more = refusals.Count > MostRefusals ? $"; and {refusals.Count - MostRefusals} more files" : "";
        return Error.Invalid("NO_RUNTIME", $"no engine here can serve this revision: {string.Join("; ", shown)}{more}");
    }
}

/// <summary>Sizes for people.</summary>
internal static class Sizes
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string Say(long bytes)
    {
        var unit = 0;
        var value = (double)bytes;
        for (; value >= 1024 && unit < Units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value:0.#} {Units[unit]}");
    }
}
