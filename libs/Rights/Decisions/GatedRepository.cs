using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Rights.Decisions;

/// <summary>A repository whose owner lets in who asks, as the asking service has it from Catalog.</summary>
/// <param name="Id">Stays when it is moved: access is kept by it.</param>
/// <param name="Name">As it is called now; by its namespace is decided who handles requests.</param>
/// <param name="Kind">What it is.</param>
/// <param name="IsAutomatic">Who asks is let in at once.</param>
public sealed record GatedRepository(string Id, RepositoryName Name, RepositoryKind Kind, bool IsAutomatic)
{
    private const int LongestId = 64;

    /// <summary>Where access is asked for, on the garden's own address.</summary>
    public string AskAddress => Kind switch
    {
        RepositoryKind.Dataset => $"/datasets/{Name}/ask-access",
        RepositoryKind.App => $"/spaces/{Name}/ask-access",
        _ => $"/{Name}/ask-access",
    };

    /// <summary>One without a gate is <c>NOT_GATED</c>.</summary>
    public static Result<GatedRepository> Create(Resource? resource)
    {
        var name = RepositoryName.Create(resource?.Repository);
        if ((name.Error ?? Fault(resource!)) is { } error)
        {
            return error;
        }

        return resource!.Gate is AccessGate.Automatic or AccessGate.Manual
            ? new GatedRepository(resource.RepositoryId, name.Value, resource.Kind, resource.Gate is AccessGate.Automatic)
            : Error.Invalid("NOT_GATED", $"{name.Value} is not gated by its owner: there is no access to ask for or to grant; what its licence demands, an organisation accepts");
    }

    /// <summary>Why a resource does not say what its gate is; null: it does, or has none.</summary>
    public static Error? Fault(Resource resource)
    {
        if (!Enum.IsDefined(resource.Gate))
        {
            return Error.Invalid("BAD_GATE", $"gate {(int)resource.Gate} is none: automatic and manual are, or there is none");
        }

        return resource.Gate is AccessGate.Automatic or AccessGate.Manual && resource.RepositoryId.Length is 0 or > LongestId
            ? Error.Invalid("BAD_REPOSITORY_ID", $"a gated repository is named by its id of 1 to {LongestId} characters, this one has {resource.RepositoryId.Length}")
            : null;
    }
}
