using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting.Calls;
using ModelGarden.Hosting.Telemetry;
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
internal sealed class GardenOptionsValidator(ServiceIdentity service) : IValidateOptions<GardenOptions>
{
    private const int SecretLength = 32;

    public ValidateOptionsResult Validate(string? name, GardenOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IEnumerable<string> Faults(GardenOptions options)
    {
        if (options.Data.Length is 0)
        {
            yield return "Garden:Data is not set: name a folder that this service may write to (environment: Garden__Data)";
        }

        if (options.ServiceSecret.Length < SecretLength)
        {
            yield return $"Garden:ServiceSecret is shorter than {SecretLength} characters: set the same random text for every service (environment: Garden__ServiceSecret)";
        }

        if (options.PublicUrl.Length > 0 && !(Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
        {
            yield return $"Garden:PublicUrl is '{Text.Shorten(options.PublicUrl)}': the address that people use is expected, such as https://garden.example.com (environment: Garden__PublicUrl)";
        }

        if (OtlpExport.Fault() is { } fault)
        {
            yield return fault;
        }

        foreach (var address in AddressFaults(options))
        {
            yield return address;
        }
    }

    private IEnumerable<string> AddressFaults(GardenOptions options)
    {
        var own = options.Services.GetValueOrDefault(service.Name) ?? new();
        if (options.Listen is { Grpc: "", Http: "" } && own is { Grpc: "", Http: "" })
        {
            yield return $"Garden:Services:{service.Name}:Grpc and :Http are not set: at least one is needed, to listen on, such as http://127.0.0.1:5001 or unix:/path/to.sock (environment: Garden__Services__{service.Name}__Grpc)";
        }

        foreach (var (name, endpoints) in options.Services.Select(pair => ($"Services:{pair.Key}", pair.Value)).Append(("Listen", options.Listen)))
        {
            foreach (var (kind, address) in new[] { (nameof(endpoints.Grpc), endpoints.Grpc), (nameof(endpoints.Http), endpoints.Http) })
            {
                if (address.Length > 0 && ServiceAddress.Create(address).Error is { } error)
                {
                    yield return $"Garden:{name}:{kind}: {error.Message} (environment: Garden__{name.Replace(":", "__", StringComparison.Ordinal)}__{kind})";
                }
            }
        }
    }
}
