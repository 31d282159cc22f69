using System.Reflection;
using Google.Protobuf.Reflection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;

namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>What a call of an RPC is, to those who own what it names.</summary>
internal enum Effect
{
    /// <summary>Alpha's admin reads by it: it is part of what must stay as it was.</summary>
    Reads,

    /// <summary>The same of the garden's operator.</summary>
    OperatorReads,

    /// <summary>It may change something, or is nobody's to call.</summary>
    Changes,
}

/// <summary>How one RPC is tried.</summary>
/// <param name="Rpc">Service and method.</param>
/// <param name="Arguments">The request as JSON, with names of alpha's things.</param>
/// <param name="Expected">The reason for which another tenant's admin is refused, whether the things are there or not; empty: it answers, and tells of his own alone.</param>
/// <param name="Effect">To whom it belongs.</param>
internal sealed record RpcAttempt(string Rpc, string Arguments, string Expected, Effect Effect)
{
    /// <summary>Why it may tell that something is there; empty: it may not.</summary>
    public string Shown { get; init; } = "";

    public MethodDescriptor Method { get; } = All.Single(method => NameOf(method) == Rpc);

    public AccessRule Access => Method.GetOptions().GetExtension(AccessExtensions.Access);

    public bool IsForServices => Access.Audience is Audience.Service;

    /// <summary>Which services have it.</summary>
    public IEnumerable<string> Services => Method.Service.Name is "ChangeFeed"
        ? [ServiceNames.Identity, ServiceNames.Entitlement, ServiceNames.Catalog, ServiceNames.Artifacts, ServiceNames.Deployment]
        : [Method.Service.Name.ToLowerInvariant()];

    /// <summary>Every RPC that there is, as the generated code has it.</summary>
    public static IReadOnlyList<MethodDescriptor> All { get; } =
    [
        .. typeof(CatalogReflection).Assembly.GetTypes().Where(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal))
            .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null)).OfType<FileDescriptor>()
            .SelectMany(file => file.Services).SelectMany(service => service.Methods),
    ];

    public static string NameOf(MethodDescriptor method) => $"{method.Service.Name}.{method.Name}";
}
