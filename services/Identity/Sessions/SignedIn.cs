using ModelGarden.Identity.Accounts;

namespace ModelGarden.Identity.Sessions;

/// <summary>How far someone has come in.</summary>
internal enum SignInStage
{
    /// <summary>The second factor is to be given.</summary>
    NeedsCode,

    /// <summary>A second factor is to be set up, for his tenant asks for one.</summary>
    NeedsSecondFactor,

    /// <summary>All the way.</summary>
    Whole,
}

/// <summary>A session that lives, and whose it is.</summary>
/// <param name="Session">The session.</param>
/// <param name="Account">Enabled.</param>
/// <param name="HasSecondFactor">A confirmed one.</param>
/// <param name="NeedsSecondFactor">The tenant's rule.</param>
internal sealed record SignedIn(SessionRow Session, AccountRow Account, bool HasSecondFactor, bool NeedsSecondFactor)
{
    public SignInStage Stage => this switch
    {
        { Session.IsStrong: true, HasSecondFactor: true } => SignInStage.Whole,
        { HasSecondFactor: true } => SignInStage.NeedsCode,
        { NeedsSecondFactor: true } => SignInStage.NeedsSecondFactor,
        _ => SignInStage.Whole,
    };
}

/// <summary>Where a session begins.</summary>
/// <param name="Address">The network address.</param>
/// <param name="Agent">What the browser says of itself, shortened.</param>
internal sealed record Client(string Address, string Agent);
