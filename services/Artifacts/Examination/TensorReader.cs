using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Contracts.V1;
using ModelGarden.Formats;
using ModelGarden.Kernel;
using ModelGarden.Scanning;

namespace ModelGarden.Artifacts.Examination;

/// <summary>Reads which tensors a stored file lists. Of weights that is their header; so few at once that examinations and downloads do not wait for them.</summary>
internal sealed class TensorReader(ChunkStore chunks, IOptions<ArtifactsOptions> options, TimeProvider clock) : IDisposable
{
    private const int AtOnce = 2;
    private readonly SemaphoreSlim _places = new(AtOnce);
    private readonly TimeSpan _patience = options.Value.ExaminationPatience;

    /// <summary>In the file's order; FILE_NOT_FOUND, TENSORS_TOO_SLOW.</summary>
    public async Task<Result<ReadTensorsResponse>> ReadAsync(Sha256Digest digest, int skip, int count, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(_patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _places.WaitAsync(either.Token);
            try
            {
                return await ListAsync(digest, skip, count, either.Token);
            }
            finally
            {
                _places.Release();
            }
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return ArtifactsErrors.TensorsTooSlow(digest, _patience);
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<Result<ReadTensorsResponse>> ListAsync(Sha256Digest digest, int skip, int count, CancellationToken cancellationToken)
    {
        using var file = await chunks.OpenAsync(digest, cancellationToken);
        if (file is null)
        {
            return ArtifactsErrors.FileNotFound(digest);
        }

        await using var content = file.OpenStream();
        return FileReport.Tensors(await FileExaminer.ExamineAsync("", content, file.Length, cancellationToken), skip, count);
    }
}
