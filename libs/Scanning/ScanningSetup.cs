using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ModelGarden.Scanning;

/// <summary>Registers the scanners.</summary>
public static class ScanningSetup
{
    /// <summary>Adds <see cref="FileScanners"/>, with ClamAV where section <c>Garden:ClamAv</c> says where it is.</summary>
    public static IServiceCollection AddFileScanners(this IServiceCollection services)
    {
        services.AddOptions<ClamAvOptions>().BindConfiguration(ClamAvOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ClamAvOptions>, ClamAvOptionsValidator>();
        services.AddSingleton<IFileScanner, ClamAvScanner>();
        return services.AddSingleton<FileScanners>();
    }
}
