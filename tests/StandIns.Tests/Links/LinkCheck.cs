using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace ModelGarden.StandIns.Tests.Links;

/// <summary>Resolves everything that a compiled assembly takes from a stand-in, as the run time would on first use.</summary>
internal sealed class LinkCheck : IDisposable
{
    // Generic signatures are resolved with some type arguments; object satisfies every constraint that is met here.
    private static readonly Type[] Arguments = [.. Enumerable.Repeat(typeof(object), 8)];

    private readonly Module _module;
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private readonly string _standIn;

    public LinkCheck(Assembly consumer, string standIn)
    {
        _module = consumer.ManifestModule;
        _file = new PEReader(File.OpenRead(consumer.Location));
        _metadata = _file.GetMetadataReader();
        _standIn = standIn;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The types and members the consumer takes, and a line for each that is missing or not accessible.</summary>
    public (int Taken, IReadOnlyList<string> Misses) Run()
    {
        List<EntityHandle> taken =
        [
            .. _metadata.TypeReferences.Select(handle => (EntityHandle)handle).Where(IsOfStandIn),
            .. _metadata.MemberReferences.Select(handle => (EntityHandle)handle)
                .Where(handle => IsOfStandIn(_metadata.GetMemberReference((MemberReferenceHandle)handle).Parent)),
        ];
        return (taken.Count, [.. taken.Select(Resolve).OfType<string>()]);
    }

    private string? Resolve(EntityHandle handle)
    {
        try
        {
            var member = _module.ResolveMember(MetadataTokens.GetToken(handle), Arguments, Arguments)!;
            return IsAccessible(member) ? null : $"not accessible: {member.DeclaringType}.{member}";
        }
        catch (Exception exception) when (exception is MissingMemberException or TypeLoadException)
        {
            return exception.Message;
        }
    }

    private bool IsOfStandIn(EntityHandle handle) => handle.Kind switch
    {
        HandleKind.AssemblyReference =>
            _metadata.GetString(_metadata.GetAssemblyReference((AssemblyReferenceHandle)handle).Name) == _standIn,
        HandleKind.TypeReference => IsOfStandIn(_metadata.GetTypeReference((TypeReferenceHandle)handle).ResolutionScope),
        HandleKind.TypeSpecification => GenericType((TypeSpecificationHandle)handle) is { } type && IsOfStandIn(type),
        _ => false,
    };

    private EntityHandle? GenericType(TypeSpecificationHandle handle)
    {
        var signature = _metadata.GetBlobReader(_metadata.GetTypeSpecification(handle).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
        {
            return null;
        }

        signature.ReadByte(); // class or struct
        return signature.ReadTypeHandle();
    }

    // Stand-ins give nobody InternalsVisibleTo, so what is needed must be public or inheritable.
    private static bool IsAccessible(MemberInfo member) => member switch
    {
        Type type => type.IsVisible || type.IsNestedFamORAssem,
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        _ => false,
    };
}
