using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using Action = ModelGarden.Contracts.V1.Action;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Rights.Policies;

/// <summary>What policies are held against: what is done to which model, and what is known of it.</summary>
/// <param name="Action">Download, deploy or call; policies say nothing of others.</param>
/// <param name="Repository">Which.</param>
/// <param name="IsOwn">It is of the tenant that asks.</param>
/// <param name="Licenses">The revision's, in lower case.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Facts">Null: nothing is known.</param>
public sealed record PolicySubject(Action Action, RepositoryName Repository, bool IsOwn, IReadOnlyList<string> Licenses, RepositoryKind Kind, ModelFacts? Facts)
{
    public string Verb => Action switch
    {
        Action.Deploy => "deploy",
        Action.Call => "call",
        _ => "download",
    };
}
