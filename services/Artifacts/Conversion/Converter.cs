using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Formats.Conversion;
using ModelGarden.Kernel;
using Verdict = ModelGarden.Contracts.V1.Verdict;

namespace ModelGarden.Artifacts.Conversion;

/// <summary>A checkpoint's tensors as safetensors, stored, and the signed statement that they are the same.</summary>
internal sealed record ConvertedFile(Sha256Digest Digest, long Size, byte[] Statement);

/// <summary>
/// Converts one stored checkpoint into another stored file, from chunks to chunks: neither is ever held whole. Broken off at any place it leaves only
/// chunks, which are found again when it is begun anew.
/// </summary>
internal sealed class Converter(ChunkStore chunks, StoredFiles files, StatementSigner signer, IOptions<ArtifactsOptions> options)
{
    /// <summary>Why it is impossible, or what it was converted to.</summary>
    /// <exception cref="IOException">The checkpoint cannot be read as it was stored; tried again later.</exception>
    public async Task<Result<ConvertedFile>> ConvertAsync(Sha256Digest source, string tenant, CancellationToken cancellationToken)
    {
        using var reader = await chunks.OpenAsync(source, cancellationToken) ?? throw new FileNotFoundException($"file {source} has no layout, though it was acknowledged");
        await using var writer = chunks.Write(tenant);
        var converted = await WriteAsync(reader, writer, cancellationToken);
        if (converted.Error is { } error)
        {
            return error;
        }

        var statement = converted.Value;
        if (statement.SourceSha256 != source.Hex)
        {
            throw new IOException($"file {source} was read as {statement.SourceSha256}: what is stored is damaged");
        }

        var signed = signer.Sign(statement);
        return signed.Error is null ? await StoreAsync(statement, signed.Value, tenant, writer, cancellationToken) : signed.Error;
    }

    private async Task<Result<ConversionStatement>> WriteAsync(FileReader reader, FileWriter writer, CancellationToken cancellationToken)
    {
        await using var content = reader.OpenStream();
        await using var target = new FileWriterStream(writer, options.Value.MaximumFileSize, cancellationToken);
        try
        {
            // The converter reads and writes synchronously: on a thread of its own, for it may take hours.
            var converted = await Task.Factory.StartNew(() => TorchConverter.Convert(content, target, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            await target.FinishAsync();
            return converted;
        }
        catch (ErrorException exception) when (exception.Error.Reason == FileWriterStream.TooLarge)
        {
            return exception.Error;
        }
    }

    private async Task<Result<ConvertedFile>> StoreAsync(ConversionStatement statement, byte[] signed, string tenant, FileWriter writer, CancellationToken cancellationToken)
    {
        var (digest, layout) = (Sha256Digest.Create(statement.TargetSha256).OrThrow(), await writer.FinishAsync(cancellationToken));
        if (await files.AddAsync(new(tenant, digest, statement.TargetLength, layout, IsMadeHere: true), null, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var stored = await files.FindAsync(digest, cancellationToken);
        return stored?.Verdict is Verdict.Clean or Verdict.Pending
            ? new ConvertedFile(digest, statement.TargetLength, signed)
            : Error.Invalid("TARGET_NOT_CLEAN", $"what it would be converted to, {digest}, was found {stored?.Verdict.ToString().ToLowerInvariant()}");
    }
}
