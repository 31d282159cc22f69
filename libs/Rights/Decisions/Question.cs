using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Licenses;
using ModelGarden.Rights.Policies;
using Action = ModelGarden.Contracts.V1.Action;
using Enum = System.Enum;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Rights.Decisions;

/// <summary>What is asked: may the one do that to this?</summary>
public sealed record Question(Caller Caller, Action Action, RepositoryName Repository, IReadOnlyList<string> Licenses)
{
    private const int LicensesLimit = 32;

    public RepositoryKind Kind { get; init; } = RepositoryKind.Model;

    /// <summary>What policies look at; null: nothing is known.</summary>
    public ModelFacts? ModelFacts { get; init; }

    /// <summary>Null: its owner lets everyone in.</summary>
    public GatedRepository? Gated { get; init; }

    /// <summary>Of a call: the account on whose access the endpoint rests.</summary>
    public string PinnedBy { get; init; } = "";

    /// <summary>The account whose access to a gated repository counts. Who calls gets answers, no weights: whoever put them there has his access at stake.</summary>
    public string Holder => PinnedBy.Length > 0 ? PinnedBy : Caller.Principal.Name;

    public string Tenant => Caller.Principal.Tenant;

    public bool IsOwner => Caller.IsOf(Repository.Owner.Value);

    /// <summary>Policies say something of it.</summary>
    public bool IsPolicyMatter => Action is Action.Download or Action.Deploy or Action.Call;

    public PolicySubject Subject => new(Action, Repository, IsOwner, Licenses, Kind, ModelFacts);

    /// <summary>What policies look at, and nothing of the revision: what is known alike is one thing.</summary>
    public Resource Thing => Resource.Of(Repository.Value, Kind, Licenses, ModelFacts);

    public string Scope => Action switch
    {
        Action.Deploy => Scopes.Deploy,
        Action.Call => Scopes.Call,
        Action.Curate => Scopes.Curate,
        Action.Administer => Scopes.Admin,
        _ => Scopes.Read,
    };

    public string Verb => Action switch
    {
        Action.Read => "read about",
        Action.Curate => "review",
        Action.Administer => "administer",
        _ => Subject.Verb,
    };

    public static Result<Question> Create(Action action, Resource? resource, Caller caller)
    {
        if (action is Action.Unspecified || !Enum.IsDefined(action))
        {
            return Error.Invalid("BAD_ACTION", $"action {(int)action} is none that is decided on: read, download, deploy, call, curate or administer");
        }

        var repository = RepositoryName.Create(resource?.Repository);
        if ((repository.Error ?? GatedRepository.Fault(resource!)) is { } error)
        {
            return error;
        }

        return resource!.Licenses.Count > LicensesLimit
            ? Error.Invalid("TOO_MANY_LICENSES", $"{repository.Value} has {resource.Licenses.Count} licences: at most {LicensesLimit} are decided on")
            : new Question(caller, action, repository.Value, [.. resource.Licenses.Select(Normal).Distinct()])
            {
                Kind = resource.Kind,
                ModelFacts = resource.Facts,
                Gated = resource.Gate is AccessGate.Automatic or AccessGate.Manual ? GatedRepository.Create(resource).OrThrow() : null,
                PinnedBy = action is Action.Call ? resource.PinnedBy : "",
            };
    }

    /// <summary>A card may state anything: what is no id at all is a licence that the garden does not know, not a wrong question.</summary>
    private static string Normal(string license) => LicenseId.Create(license) is { Error: null } id ? id.Value.Value : Text.Shorten(license);
}
