using Google.Protobuf;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Artifacts.Files;

/// <summary>One file that is in the store, with what its examination said.</summary>
internal sealed class FileRow
{
    public required string Sha256 { get; init; }

    public required long Size { get; init; }

    /// <summary>What its examination was told of its name: see <c>Examiner.HintOf</c>.</summary>
    public required string Hint { get; init; }

    public required Verdict Verdict { get; init; }

    /// <summary>Who examined it; empty: nobody yet.</summary>
    public required string Examiner { get; init; }

    public required byte[] Report { get; init; }

    public required DateTimeOffset StoredAt { get; init; }

    public StoredFile ToStoredFile() => StoredFile.Parser.ParseFrom(Report);

    public static FileRow From(StoredFile file, string hint, DateTimeOffset now) => new()
    {
        Sha256 = file.Sha256,
        Size = file.Size,
        Hint = hint,
        Verdict = file.Verdict,
        Examiner = file.Examiner,
        Report = file.ToByteArray(),
        StoredAt = now,
    };
}

/// <summary>A tenant has this file: it sent all its bytes.</summary>
internal sealed class TenantFile
{
    /// <summary>In lower case.</summary>
    public required string Tenant { get; init; }

    public required string Sha256 { get; init; }

    public required DateTimeOffset AddedAt { get; init; }
}
