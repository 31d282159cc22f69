using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts;

/// <summary>Section <c>Garden:Artifacts</c>; sizes in bytes.</summary>
internal sealed class ArtifactsOptions
{
    public const string Section = "Garden:Artifacts";

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

    /// <summary>How long an upload waits for its examination before it is acknowledged as pending.</summary>
    public TimeSpan ExaminationPatience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an examination may take at all: a file that needs longer is suspicious.</summary>
    public TimeSpan ExaminationLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A virus scanner that looks at files too.</summary>
    public ClamAvOptions ClamAv { get; set; } = new();

    /// <summary>Where the bytes are.</summary>
    public StoreOptions Store { get; set; } = new();
}

internal sealed class ArtifactsOptionsValidator : IValidateOptions<ArtifactsOptions>
{
    private const long SmallestPart = 4096;

    public ValidateOptionsResult Validate(string? name, ArtifactsOptions options)
    {
        var faults = Faults(options).Concat(options.ClamAv.Faults()).Concat(options.Store.Faults()).ToList();
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

        if (options.UploadLifetime <= TimeSpan.Zero || options.ExaminationPatience <= TimeSpan.Zero || options.ExaminationLimit <= TimeSpan.Zero)
        {
            yield return "Garden:Artifacts:UploadLifetime, ExaminationPatience and ExaminationLimit are longer than nothing, such as 24:00:00";
        }
    }
}
