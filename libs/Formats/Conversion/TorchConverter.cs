using System.Security.Cryptography;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Torch;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Conversion;

/// <summary>
/// Turns a checkpoint of torch into safetensors without executing any of it: the pickle is followed symbolically, the bytes are copied as they are. Only
/// what was examined and found clean is converted, and only when all of it is plain tensors and values.
/// </summary>
public static class TorchConverter
{
    /// <summary>As <see cref="Convert"/>, on a thread of the pool.</summary>
    public static Task<Result<ConversionStatement>> ConvertAsync(Stream source, Stream target, CancellationToken cancellationToken) =>
        Task.Run(() => Convert(source, target, cancellationToken), cancellationToken);

    /// <summary>Converts; a refusal says why, and nothing was written then.</summary>
    /// <param name="source">The checkpoint, from its beginning; must be able to seek.</param>
    /// <param name="target">Where the safetensors file goes, from the current position on; is only written to.</param>
    /// <param name="cancellationToken">Ends it between two pieces.</param>
    public static Result<ConversionStatement> Convert(Stream source, Stream target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        if (!source.CanSeek)
        {
            throw new ArgumentException("the source must be able to seek", nameof(source));
        }

        source.Position = 0;
        var walk = new Walk(cancellationToken);
        var examination = FileExaminer.Examine("", source, source.Length, walk);
        if (Refusal(examination, walk.Checkpoint) is { } refusal)
        {
            return refusal;
        }

        var plan = ConversionPlan.Make(walk.Checkpoint!, source.Length);
        return plan.Error is { } error ? error : Write(source, target, examination.Format, plan.Value, cancellationToken);
    }

    private static Error? Refusal(Examination examination, TorchCheckpoint? checkpoint)
    {
        if (examination.Verdict != Verdict.Clean)
        {
            var worst = examination.Findings.MaxBy(finding => finding.Severity)!;
            return Error.Invalid("CHECKPOINT_NOT_CLEAN", $"only a clean checkpoint is converted, and this is {examination.Verdict}: {worst.Message}");
        }

        return checkpoint is null ? Error.Invalid("NOT_A_CHECKPOINT", $"this is {examination.Format}: only a checkpoint written by torch.save can be converted")
            : checkpoint.IsLittleEndian ? null
            : Error.Invalid("BIG_ENDIAN", "the checkpoint was written with the highest byte first: load it with torch on such a machine and save it anew");
    }

    private static ConversionStatement Write(Stream source, Stream target, FileFormat format, ConversionPlan plan, CancellationToken cancellationToken)
    {
        using var output = new HashingStream(target);
        output.Write(plan.Header);
        using var elements = new ElementReader(source, cancellationToken);
        var tensors = plan.Tensors.Select(tensor => new ConvertedTensor(tensor.Name, tensor.Type, tensor.Spec.Shape, elements.Copy(tensor, output))).ToList();
        return new()
        {
            SourceFormat = format,
            SourceLength = source.Length,
            SourceSha256 = DigestOf(source, cancellationToken),
            TargetLength = output.Length,
            TargetSha256 = output.Digest(),
            Tensors = tensors,
            Ties = plan.Ties,
            ValuesKept = plan.ValuesKept,
            ValuesLeftOut = plan.ValuesLeftOut,
        };
    }

    private static string DigestOf(Stream source, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[256 * 1024];
        source.Position = 0;
        while (source.Read(buffer) is > 0 and var read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
        }

        return System.Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
