using Microsoft.Extensions.Caching.Memory;
using ModelGarden.Artifacts.Conversion;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Downloads;

/// <summary>
/// Whether a file may still be read by URLs that were signed when it was clean: what has been found of it since counts, within <see cref="KeptFor"/>. Files are read in many
/// ranges, so the answer is kept so long.
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

    public void Dispose() => _answers.Dispose();

    private async Task<Error?> LookAsync(Sha256Digest digest, string name, CancellationToken cancellationToken) =>
        await files.FindAsync(digest, cancellationToken) is not { } file ? ArtifactsErrors.FileNotFound(digest)
        : file.Verdict is not Verdict.Clean ? ArtifactsErrors.NotClean(file)
        : await conversions.ReplacementOfAsync(digest, cancellationToken) is { } target ? ArtifactsErrors.Converted(digest, name, target)
        : null;

    private sealed record Answer(long At, Error? Refusal);
}
