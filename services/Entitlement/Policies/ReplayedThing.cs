using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Rights.Decisions;
using ModelGarden.Rights.Policies;
using Action = ModelGarden.Contracts.V1.Action;
using Verdict = ModelGarden.Rights.Decisions.Verdict;

namespace ModelGarden.Entitlement.Policies;

/// <summary>A model as it was known when it was decided on, and what policies say of it now, found out once for each action.</summary>
internal sealed class ReplayedThing(string tenant, Resource resource)
{
    private readonly Dictionary<Action, Says> _said = [];

    public Says SaysOf(Action action, StandingPolicy draft, IReadOnlyList<StandingPolicy> others)
    {
        if (!_said.TryGetValue(action, out var said))
        {
            var name = RepositoryName.Create(resource.Repository).Value;
            var subject = new PolicySubject(
                action, name, string.Equals(name.Owner.Value, tenant, StringComparison.OrdinalIgnoreCase), resource.Licenses, resource.Kind, resource.Facts);
            _said[action] = said = new(name, PolicyCheck.Refusal(subject, [draft]), PolicyCheck.Refusal(subject, others) is not null);
        }

        return said;
    }

    /// <param name="Repository">Which model.</param>
    /// <param name="Refusal">The draft's; null: it has nothing against it.</param>
    /// <param name="IsRefusedByOthers">By the policies that would stand beside it.</param>
    internal sealed record Says(RepositoryName Repository, Verdict? Refusal, bool IsRefusedByOthers);
}
