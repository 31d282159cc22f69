using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Collection;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Contracts.V1;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts;

/// <summary>Section <c>Garden:Artifacts</c>; sizes in bytes.</summary>
internal sealed class ArtifactsOptions
{
    public const string Section = "Garden:Artifacts";
    private const string NoReplica = "none";

    /// <summary>Larger files are refused.</summary>
    public long MaximumFileSize { get; set; } = 500_000_000_000;

    /// <summary>Larger files are refused to clients that cannot send parts.</summary>
    public long SinglePutLimit { get; set; } = 50_000_000_000;

    /// <summary>Files up to this come in one request; parts are this long, or longer where there would be more than <see cref="MaximumParts"/>.</summary>
    public long PartSize { get; set; } = 64 << 20;

    public int MaximumParts { get; set; } = 1000;

    /// <summary>How long the URLs of an upload are good for, and what came by them is kept.</summary>
    public TimeSpan UploadLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How many uploads a tenant may have begun and not finished.</summary>
    public int MaximumOpenUploads { get; set; } = 10_000;

    /// <summary>How hard chunks are tried to be made smaller: <c>None</c>, <c>Fast</c>, <c>Balanced</c>, <c>Small</c>, or <c>Planes</c>: smallest, and decoded for Xet clients. What is stored stays as it is.</summary>
    public EncodingLevel Encoding { get; set; } = EncodingLevel.Balanced;

    /// <summary>What the files of one tenant may have together, unless an operator has set another limit for it; 0: no limit.</summary>
    public long TenantLogicalBytes { get; set; }

    /// <summary>What their distinct chunks may take in the store; 0: no limit.</summary>
    public long TenantStoredBytes { get; set; }

    /// <summary>How long what nobody needs is kept: longer than any upload or download takes, for one that is under way may have found it.</summary>
    public TimeSpan CollectionGrace { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a xorb stays that a Xet client sent, needed or not: hf_xet remembers for 21 days what it has sent, and names it again without sending it. What a tenant deletes takes its room so long.</summary>
    public TimeSpan XetGrace { get; set; } = TimeSpan.FromDays(22);

    public TimeSpan CollectEvery { get; set; } = TimeSpan.FromHours(6);

    /// <summary>A xorb of which files need less than this share of its bytes is rewritten.</summary>
    public double RewriteBelow { get; set; } = 0.5;

    /// <summary>How long an upload waits for its examination before it is acknowledged as pending.</summary>
    public TimeSpan ExaminationPatience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an examination may take at all: a file that needs longer is suspicious.</summary>
    public TimeSpan ExaminationLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether torch checkpoints are converted to safetensors: <c>Off</c>, <c>Beside</c> (both are given), or <c>Instead</c> (the original is given to its owner and to
    /// reviewers alone).
    /// </summary>
    public ConversionPolicy Conversion { get; set; } = ConversionPolicy.Beside;

    /// <summary>Where the bytes are.</summary>
    public StoreOptions Store { get; set; } = new();

    /// <summary>A copy of the store that something else keeps (a bucket's replication, a synchronised folder); what is damaged is repaired from it. Only read. <c>none</c>: there is none.</summary>
    public StoreOptions Replica { get; set; } = new($"{Section}:Replica") { Kind = NoReplica, Create = false };

    /// <summary>How often all that is stored is read and verified.</summary>
    public TimeSpan ScrubEvery { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Stored bytes a second that this reads at most.</summary>
    public long ScrubRate { get; set; } = 50 << 20;

    public bool HasReplica => Replica.Kind is not NoReplica;
}

internal sealed class ArtifactsOptionsValidator : IValidateOptions<ArtifactsOptions>
{
    private const long SmallestPart = 4096;

    public ValidateOptionsResult Validate(string? name, ArtifactsOptions options)
    {
        var faults = Faults(options).Concat(options.Store.Faults()).Concat(options.HasReplica ? options.Replica.Faults() : []).ToList();
        return faults.Count is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(ArtifactsOptions options)
    {
        if (options.PartSize < SmallestPart)
        {
            yield return $"Garden:Artifacts:PartSize is {options.PartSize}: at least {SmallestPart} is expected";
        }

        if (options.MaximumParts is < 1 or > 10_000)
        {
            yield return $"Garden:Artifacts:MaximumParts is {options.MaximumParts}: 1 to 10000 is expected";
        }

        if (options.MaximumFileSize < 1 || options.SinglePutLimit < 1 || options.MaximumOpenUploads < 1)
        {
            yield return "Garden:Artifacts:MaximumFileSize, SinglePutLimit and MaximumOpenUploads are at least 1";
        }

        if (options.TenantLogicalBytes < 0 || options.TenantStoredBytes < 0)
        {
            yield return "Garden:Artifacts:TenantLogicalBytes and TenantStoredBytes are at least 0 (no limit)";
        }

        if (options.CollectionGrace < Collector.ShortestGrace || options.XetGrace < Collector.ShortestGrace || options.CollectEvery <= TimeSpan.Zero || options.CollectEvery > TimeSpan.FromDays(7) || options.RewriteBelow is not (>= 0 and <= 1))
        {
            yield return $"Garden:Artifacts:CollectionGrace and XetGrace are at least {Collector.ShortestGrace}, CollectEvery is longer than nothing and at most 7 days, RewriteBelow from 0 to 1";
        }

        if (options.ScrubEvery <= TimeSpan.Zero || options.ScrubRate < 1 || options is { HasReplica: true, Replica: { Kind: StoreOptions.Folder, Path: "" } })
        {
            yield return "Garden:Artifacts:ScrubEvery is longer than nothing, ScrubRate at least 1, and a replica of kind folder has a Path";
        }

        if (options.Conversion is not (ConversionPolicy.Off or ConversionPolicy.Beside or ConversionPolicy.Instead))
        {
            yield return $"Garden:Artifacts:Conversion is {options.Conversion}: Off, Beside or Instead is expected";
        }

        if (options.UploadLifetime <= TimeSpan.Zero || options.ExaminationPatience <= TimeSpan.Zero || options.ExaminationLimit <= TimeSpan.Zero)
        {
            yield return "Garden:Artifacts:UploadLifetime, ExaminationPatience and ExaminationLimit are longer than nothing, such as 24:00:00";
        }
    }
}
