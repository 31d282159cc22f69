namespace ModelGarden.Rights.Licenses;

/// <summary>A licence as one account and its tenant stand to it.</summary>
/// <param name="Title">What it is called.</param>
/// <param name="RequiresAcceptance">It is not free to use.</param>
/// <param name="Accepted">Its text is, for the organisation or for the account.</param>
/// <param name="Until">When an answer that rests on that ends; null: while nothing changes.</param>
public sealed record LicenseFact(string Title, bool RequiresAcceptance, bool Accepted, DateTimeOffset? Until)
{
    /// <summary>For a licence that is given by contract alone; null: it is not.</summary>
    public ContractFact? Contract { get; init; }
}

/// <summary>What a licence says, whoever asks.</summary>
/// <param name="Title">What it is called.</param>
/// <param name="Version">Of its text.</param>
/// <param name="RequiresAcceptance">It is not free to use.</param>
/// <param name="RequiresContract">Only tenants that a contract names may use it.</param>
/// <param name="GraceUntil">So long an acceptance of the text before counts too; null: it does not.</param>
public sealed record LicenseTerms(string Title, int Version, bool RequiresAcceptance, bool RequiresContract, DateTimeOffset? GraceUntil)
{
    /// <summary>The acceptance has not ended, and is of this text or, while the grace lasts, of the one before.</summary>
    public bool IsMetBy(AcceptedText accepted, DateTimeOffset now) => !accepted.HasEnded(now) && (accepted.Version == Version || (accepted.Version == Version - 1 && now < GraceUntil));

    /// <param name="accepted">All that the organisation and the account have accepted of it and not withdrawn.</param>
    /// <param name="contracts">Those of it that name the tenant, as they stand to the account; of no matter where none is required.</param>
    /// <param name="now">When.</param>
    public LicenseFact FactOf(IEnumerable<AcceptedText> accepted, IEnumerable<ContractFact> contracts, DateTimeOffset now)
    {
        var ends = accepted.Where(one => IsMetBy(one, now)).Select(EndOf).ToList();
        // The one that lasts longest; null lasts for good.
        var end = ends.Contains(null) ? null : ends.Max();
        var contract = !RequiresContract ? null : contracts.OrderByDescending(one => one.State).ThenByDescending(one => one.Ends).FirstOrDefault() ?? ContractFact.None;
        return new(Title, RequiresAcceptance, ends.Count > 0, contract?.Until < (end ?? DateTimeOffset.MaxValue) ? contract.Until : end) { Contract = contract };
    }

    /// <summary>When an acceptance that meets this licence does so no more; null: while nothing changes.</summary>
    private DateTimeOffset? EndOf(AcceptedText accepted) => accepted.Version == Version ? accepted.Until
        : accepted.Until < GraceUntil ? accepted.Until
        : GraceUntil;
}

/// <summary>A text that was accepted, and not withdrawn.</summary>
/// <param name="Version">Of the text.</param>
/// <param name="Until">Null: for as long as the text stands.</param>
public readonly record struct AcceptedText(int Version, DateTimeOffset? Until)
{
    public bool HasEnded(DateTimeOffset now) => Until <= now;
}
