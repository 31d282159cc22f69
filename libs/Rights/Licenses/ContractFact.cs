using ModelGarden.Rights.Decisions;

namespace ModelGarden.Rights.Licenses;

/// <summary>How an account stands to the contracts of a licence that needs one.</summary>
public enum ContractState
{
    /// <summary>None names its tenant.</summary>
    None,
    NotBegun,
    Ended,

    /// <summary>Others have all its seats.</summary>
    Full,

    /// <summary>There is a seat, which it takes with its first use.</summary>
    SeatFree,
    Seated,
}

/// <summary>The contract that serves an account best.</summary>
/// <param name="Id">Of the contract; empty: there is none.</param>
/// <param name="Partner">Who gives the licence.</param>
/// <param name="State">What it is worth to the account.</param>
/// <param name="Begins">When it begins.</param>
/// <param name="Ends">When it ends.</param>
public sealed record ContractFact(string Id, string Partner, ContractState State, DateTimeOffset Begins, DateTimeOffset Ends)
{
    public static ContractFact None { get; } = new("", "", ContractState.None, default, default);

    /// <param name="terms">The contract.</param>
    /// <param name="taken">How many of its seats are.</param>
    /// <param name="isSeated">One of them by the account.</param>
    /// <param name="now">When.</param>
    public static ContractFact Of(ContractTerms terms, int taken, bool isSeated, DateTimeOffset now) => new(terms.Id, terms.Partner, StateOf(terms, taken, isSeated, now), terms.Begins, terms.Ends);

    /// <summary>When an answer that rests on it ends; null: none does.</summary>
    public DateTimeOffset? Until => State is ContractState.SeatFree or ContractState.Seated ? Ends : null;

    /// <summary>Why it does not let the account use the licence; null: it does.</summary>
    public Verdict? Refusal(Question question, string license) => State switch
    {
        ContractState.None => Verdict.Refuse(
            "CONTRACT_MISSING", $"{license}, the licence of {question.Repository}, is given by contract, and none names {question.Tenant}", $"enter a contract for {question.Tenant}", "an operator of the garden"),
        ContractState.NotBegun => Verdict.Refuse(
            "CONTRACT_NOT_BEGUN", $"the contract {Id} with {Partner} on {license} begins at {Begins:u}", "wait until then, or enter an earlier beginning", "an operator of the garden"),
        ContractState.Ended => Verdict.Refuse(
            "CONTRACT_ENDED", $"the contract {Id} with {Partner} on {license} ended at {Ends:u}", "enter its prolongation", "an operator of the garden"),
        ContractState.Full => Verdict.Refuse(
            "SEATS_TAKEN", $"all seats of the contract {Id} with {Partner} on {license} are taken, none by {question.Caller.Principal.Name}", $"release a seat of {Id}", $"admin or legal of {question.Tenant}"),
        _ => null,
    };

    private static ContractState StateOf(ContractTerms terms, int taken, bool isSeated, DateTimeOffset now) =>
        now < terms.Begins ? ContractState.NotBegun
        : now >= terms.Ends ? ContractState.Ended
        : isSeated ? ContractState.Seated
        : taken < terms.Seats ? ContractState.SeatFree
        : ContractState.Full;
}

/// <summary>What a contract says, whoever asks.</summary>
/// <param name="Id">Of the contract.</param>
/// <param name="Partner">Who gives the licence.</param>
/// <param name="Begins">From then on.</param>
/// <param name="Ends">Not part of it any more.</param>
/// <param name="Seats">Of all its tenants together.</param>
public sealed record ContractTerms(string Id, string Partner, DateTimeOffset Begins, DateTimeOffset Ends, int Seats);
