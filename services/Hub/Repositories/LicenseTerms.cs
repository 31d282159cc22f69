using ModelGarden.Contracts.V1;

namespace ModelGarden.Hub.Repositories;

/// <summary>
/// Which licences must be accepted before a download, as Entitlement has it, remembered for a moment: this only tells clients what to
/// expect (<c>gated</c>); whether one may download is asked each time.
/// </summary>
internal sealed class LicenseTerms(Garden garden, TimeProvider clock)
{
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);
    private volatile Known? _known;

    public async ValueTask<Terms> GetAsync(CancellationToken cancellationToken)
    {
        if (_known is { } known && known.Until > clock.GetUtcNow())
        {
            return known.Terms;
        }

        var licenses = await garden.Entitlement.ListLicensesAsync(new(), cancellationToken: cancellationToken);
        var terms = new Terms(licenses.Licenses.ToDictionary(license => license.Id, license => license.RequiresAcceptance, StringComparer.OrdinalIgnoreCase));
        _known = new(terms, clock.GetUtcNow() + Memory);
        return terms;
    }

    private sealed record Known(Terms Terms, DateTimeOffset Until);
}

/// <summary>Licences by id, and whether each must be accepted.</summary>
internal sealed record Terms(IReadOnlyDictionary<string, bool> RequiresAcceptance)
{
    /// <summary>
    /// The protocol's <c>gated</c>, the stronger of the owner's gate and of what the licences demand. Null: free. <c>auto</c>: who asks has access at once, an organisation's own acceptance
    /// opens it. <c>manual</c>: the owner must let one in, or a curator must first take a licence of it into the register.
    /// </summary>
    public string? GateOf(Repository repository, DeclaredFacts? declared)
    {
        var licenses = declared?.Licenses ?? [];
        return repository.Gate is AccessGate.Manual || licenses.Any(license => !RequiresAcceptance.ContainsKey(license)) ? "manual"
            : repository.Gate is AccessGate.Automatic || licenses.Any(license => RequiresAcceptance[license]) ? "auto"
            : null;
    }
}
