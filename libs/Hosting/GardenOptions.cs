using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting;

/// <summary>
/// What every service is told, section <c>Garden</c> of its configuration (<c>Garden__Data</c> and so on in the environment).
/// AppHost fills it for one machine, the Helm chart for many.
/// </summary>
public sealed class GardenOptions
{
    public const string Section = "Garden";

    /// <summary>The folder that holds what services keep on disk, one folder each below it.</summary>
    public string Data { get; set; } = "";

    /// <summary>PostgreSQL connection string; empty: SQLite below <see cref="Data"/>.</summary>
    public string Database { get; set; } = "";

    /// <summary>The secret by which a service proves to Identity that it is one: at least 32 characters, the same everywhere.</summary>
    public string ServiceSecret { get; set; } = "";

    /// <summary>Where each service is called.</summary>
    [SuppressMessage("Usage", "CA2227", Justification = "the configuration binder sets it")]
    public Dictionary<string, ServiceEndpoints> Services { get; set; } = [];

    /// <summary>Where this service listens, if not where it is called.</summary>
    public ServiceEndpoints Listen { get; set; } = new();

    /// <summary>The address that people use, such as <c>https://garden.example.com</c>; empty: the one that the request came to.</summary>
    public string PublicUrl { get; set; } = "";
}

/// <summary>A service's two addresses: gRPC speaks HTTP/2, bytes and foreign protocols HTTP/1.1.</summary>
public sealed class ServiceEndpoints
{
    public string Grpc { get; set; } = "";

    public string Http { get; set; } = "";
}

/// <summary>Says at start what is not set, by the name to set it under.</summary>
internal sealed class GardenOptionsValidator : IValidateOptions<GardenOptions>
{
    private const int SecretLength = 32;

    public ValidateOptionsResult Validate(string? name, GardenOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(GardenOptions options)
    {
        if (options.Data.Length is 0)
        {
            yield return "Garden:Data is not set: name a folder that this service may write to (environment: Garden__Data)";
        }

        if (options.ServiceSecret.Length < SecretLength)
        {
            yield return $"Garden:ServiceSecret is shorter than {SecretLength} characters: set the same random text for every service (environment: Garden__ServiceSecret)";
        }

        foreach (var (service, endpoints) in options.Services)
        {
            foreach (var (kind, address) in new[] { (nameof(endpoints.Grpc), endpoints.Grpc), (nameof(endpoints.Http), endpoints.Http) })
            {
                if (address.Length > 0 && ServiceAddress.Create(address).Error is { } error)
                {
                    yield return $"Garden:Services:{service}:{kind}: {error.Message} (environment: Garden__Services__{service}__{kind})";
                }
            }
        }
    }
}
