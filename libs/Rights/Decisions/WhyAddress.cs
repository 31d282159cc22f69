using ModelGarden.Contracts.V1;
using Action = ModelGarden.Contracts.V1.Action;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Rights.Decisions;

/// <summary>Where a decision is explained: the REST route of <c>Why</c> with the same question, path and query.</summary>
internal static class WhyAddress
{
    public static string Of(Action action, Resource resource)
    {
        var subject = resource.Endpoint.Length > 0
            ? $"endpoint={Uri.EscapeDataString(resource.Endpoint)}"
            : $"repository={Uri.EscapeDataString(resource.Repository)}{Part("revision", resource.Revision)}{Part("kind", KindOf(resource.Kind))}";
        return $"/garden/v1/why?action=ACTION_{action.ToString().ToUpperInvariant()}&{subject}";
    }

    private static string Part(string name, string value) => value.Length > 0 ? $"&{name}={Uri.EscapeDataString(value)}" : "";

    /// <summary>A model goes without saying.</summary>
    private static string KindOf(RepositoryKind kind) => kind switch
    {
        RepositoryKind.Dataset => "REPOSITORY_KIND_DATASET",
        RepositoryKind.App => "REPOSITORY_KIND_APP",
        _ => "",
    };
}
