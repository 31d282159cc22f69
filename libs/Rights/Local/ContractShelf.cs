using ModelGarden.Contracts.V1;
using ModelGarden.Rights.Licenses;

namespace ModelGarden.Rights.Local;

/// <summary>Partners' contracts, and who has their seats.</summary>
internal sealed class ContractShelf
{
    private readonly Dictionary<string, Contract> _contracts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<(int Tenant, int Account)>> _seats = new(StringComparer.Ordinal);
    private ILookup<string, Contract>? _byLicense;

    /// <param name="id">Of the contract.</param>
    /// <param name="contract">Null: it is gone.</param>
    public void Put(string id, Contract? contract)
    {
        _byLicense = null;
        if (contract is null)
        {
            _contracts.Remove(id);
        }
        else
        {
            _contracts[id] = contract;
        }
    }

    public void Seat(string contract, (int, int) account, bool isTaken)
    {
        if (!_seats.TryGetValue(contract, out var seats))
        {
            _seats[contract] = seats = [];
        }

        _ = isTaken ? seats.Add(account) : seats.Remove(account);
    }

    /// <summary>How an account stands to the contracts of a licence that name its tenant.</summary>
    public IEnumerable<ContractFact> Of(string license, string tenant, (int? Tenant, int? Account) who, DateTimeOffset now)
    {
        _byLicense ??= _contracts.Values.ToLookup(contract => contract.License, StringComparer.OrdinalIgnoreCase);
        return _byLicense[license].Where(contract => contract.Tenants.Contains(tenant, StringComparer.OrdinalIgnoreCase)).Select(contract => FactOf(contract, who, now));
    }

    private ContractFact FactOf(Contract contract, (int? Tenant, int? Account) who, DateTimeOffset now)
    {
        var seats = _seats.GetValueOrDefault(contract.Id);
        var isSeated = who is ({ } tenant, { } account) && seats?.Contains((tenant, account)) is true;
        var terms = new ContractTerms(contract.Id, contract.Partner, contract.StartsAt.ToDateTimeOffset(), contract.EndsAt.ToDateTimeOffset(), contract.Seats);
        // A seat that was taken before seats were told of is counted by no feed: who has one asks, and is not refused for it.
        return ContractFact.Of(terms, seats?.Count ?? 0, isSeated, now);
    }
}
