using System.Text;
using Google.Api;
using Google.Protobuf.Reflection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace ModelGarden.Gateway.Rest;

/// <summary>One RPC's way over HTTP, as its proto declares it.</summary>
/// <param name="Service">Who answers it.</param>
/// <param name="Method">The RPC.</param>
/// <param name="Verb">GET, PUT, POST, DELETE or PATCH.</param>
/// <param name="Pattern">For ASP.NET's routing: <c>{name=*/*}</c> has become <c>{name.0}/{name.1}</c>.</param>
/// <param name="HasBody">The body is the request, apart from what the path says.</param>
internal sealed record RestRoute(string Service, MethodDescriptor Method, string Verb, string Pattern, bool HasBody);

/// <summary>Reads the routes from the protos.</summary>
internal static class RestRoutes
{
    private static readonly (string Service, ServiceDescriptor Descriptor)[] Services =
    [
        (ServiceNames.Identity, Identity.Descriptor),
        (ServiceNames.Entitlement, Entitlement.Descriptor),
        (ServiceNames.Catalog, Catalog.Descriptor),
        (ServiceNames.Artifacts, Artifacts.Descriptor),
        (ServiceNames.Search, Search.Descriptor),
        (ServiceNames.Deployment, Deployment.Descriptor),
        (ServiceNames.Artifacts, Artifacts.Descriptor),
    ];

    public static IReadOnlyList<RestRoute> All { get; } = [.. Services.SelectMany(service => service.Descriptor.Methods.SelectMany(method => Of(service.Service, method)))];

    private static IEnumerable<RestRoute> Of(string service, MethodDescriptor method)
    {
        if (method.GetOptions()?.GetExtension(HttpExtensions.Http) is not { } rule)
        {
            yield break;
        }

        foreach (var binding in rule.AdditionalBindings.Prepend(rule))
        {
            var (verb, path) = binding.PatternCase switch
            {
                HttpRule.PatternOneofCase.Get => ("GET", binding.Get),
                HttpRule.PatternOneofCase.Put => ("PUT", binding.Put),
                HttpRule.PatternOneofCase.Post => ("POST", binding.Post),
                HttpRule.PatternOneofCase.Delete => ("DELETE", binding.Delete),
                HttpRule.PatternOneofCase.Patch => ("PATCH", binding.Patch),
                _ => throw new InvalidOperationException($"{method.FullName} declares no HTTP pattern"),
            };
            yield return new(service, method, verb, ToPattern(path), binding.Body.Length > 0);
        }
    }

    private static string ToPattern(string path)
    {
        var pattern = new StringBuilder();
        var rest = path.AsSpan();
        for (var open = rest.IndexOf('{'); open >= 0; open = rest.IndexOf('{'))
        {
            pattern.Append(rest[..open]);
            rest = rest[(open + 1)..];
            var close = rest.IndexOf('}');
            pattern.Append(Variable(rest[..close].ToString()));
            rest = rest[(close + 1)..];
        }

        return pattern.Append(rest).ToString();
    }

    /// <summary>A variable of one segment stays as it is; one of several becomes as many, joined again when the request is read.</summary>
    private static string Variable(string variable) => variable.Split('=', 2) is [var name, var template]
        ? string.Join('/', template.Split('/').Select((_, i) => $"{{{name}.{i}}}"))
        : $"{{{variable}}}";
}
