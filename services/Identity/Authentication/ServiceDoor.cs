using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Authentication;

/// <summary>Lets in services of this garden, which know its secret.</summary>
internal sealed class ServiceDoor(IOptions<GardenOptions> options)
{
    private readonly byte[] _secretHash = SHA256.HashData(Encoding.UTF8.GetBytes(options.Value.ServiceSecret));

    public Result<Principal> Open(string service, string secret)
    {
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(secret)), _secretHash))
        {
            return Error.Unauthenticated("BAD_SECRET", "the service secret is not this garden's: set the same Garden:ServiceSecret for every service");
        }

        return ServiceNames.All.Contains(service)
            ? new Principal { Kind = PrincipalKind.Service, Name = service }
            : Error.Invalid("UNKNOWN_SERVICE", $"'{Text.Shorten(service)}' is not a service of a garden: {string.Join(", ", ServiceNames.All)}");
    }
}
