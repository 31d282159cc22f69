namespace ModelGarden.Identity.SignIn;

/// <summary>How long a secret cannot be tried after so many wrong tries in a row.</summary>
internal static class LockOut
{
    /// <summary>So many are nobody's business but his who mistyped.</summary>
    public const int FreeTries = 5;

    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Wrong tries are forgotten when there was none for so long.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    /// <summary>Nothing up to four, a minute after the fifth, doubling with each further one up to an hour.</summary>
    public static TimeSpan After(int failures)
    {
        var doublings = Math.Clamp(failures - FreeTries, 0, 16);
        var locked = Shortest * (1 << doublings);
        return failures < FreeTries ? TimeSpan.Zero : locked < Longest ? locked : Longest;
    }
}
