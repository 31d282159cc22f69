using Microsoft.Extensions.Caching.Memory;
using ModelGarden.Artifacts.Conversion;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Formats;
using ModelGarden.Kernel;
using Verdict = ModelGarden.Contracts.V1.Verdict;

namespace ModelGarden.Artifacts.Downloads;

/// <summary>
/// Whether a file may be read by who may read only clean ones, and not what was replaced by what it was converted to. URLs that were signed for it ask again, for what has been found
/// of it since counts, within <see cref="KeptFor"/>: files are read in many ranges, so the answer is kept so long.
/// </summary>
internal sealed class DownloadGate(StoredFiles files, Conversions conversions, TimeProvider clock) : IDisposable
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(15);
    private const int Limit = 100_000;
    private readonly MemoryCache _answers = new(new MemoryCacheOptions { SizeLimit = Limit });

    /// <summary>Null: it may be read.</summary>
    public async ValueTask<Error?> RefusalAsync(Sha256Digest digest, string name, CancellationToken cancellationToken)
    {
        var now = clock.GetTimestamp();
        if (_answers.Get<Answer>(digest.Hex) is { } known && clock.GetElapsedTime(known.At, now) < KeptFor)
        {
            return known.Refusal;
        }

        var answer = new Answer(now, await LookAsync(digest, name, cancellationToken));
        _answers.Set(digest.Hex, answer, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = KeptFor });
        return answer.Refusal;
    }

    /// <summary>As things stand; null: it may be read.</summary>
    /// <param name="file">As it is known.</param>
    /// <param name="name">How it is called where it is asked for; empty: not known.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Error?> RefusalAsync(StoredFile file, string name, CancellationToken cancellationToken)
    {
        if (file.Verdict is not Verdict.Clean)
        {
            return ArtifactsErrors.NotClean(file);
        }

        var digest = Sha256Digest.Create(file.Sha256).OrThrow();
        return await conversions.ReplacementOfAsync(digest, cancellationToken) is { } target ? ArtifactsErrors.Converted(digest, name, target) : null;
    }

    /// <summary>As above, for a commit in which its names end so: under one of them it must be what that promises.</summary>
    public async Task<Error?> RefusalAsync(StoredFile file, IReadOnlyCollection<string> endings, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(file, "", cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var faults = endings.Select(ending => NamePromise.Fault(ending, file.Recognized)).ToList();
        return faults.Contains(null) ? null : ArtifactsErrors.NotCleanByName(file, faults[0]!);
    }

    public void Dispose() => _answers.Dispose();

    private async Task<Error?> LookAsync(Sha256Digest digest, string name, CancellationToken cancellationToken) =>
        await files.FindAsync(digest, cancellationToken) is { } file ? await RefusalAsync(file, name, cancellationToken) : ArtifactsErrors.FileNotFound(digest);

    private sealed record Answer(long At, Error? Refusal);
}
