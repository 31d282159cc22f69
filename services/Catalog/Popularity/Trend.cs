namespace ModelGarden.Catalog.Popularity;

/// <summary>
/// How much is going on about a repository of late. What happened counts half as much after each three days; kept is the logarithm to base 2 of the sum as it would be reckoned
/// at one moment for all repositories. As time goes by all sums shrink alike, so the order by this number is right at any time and nothing has to be reckoned anew.
/// </summary>
internal static class Trend
{
    public const double OfALike = 4;
    public const double OfADownload = 1;

    // Below it nothing is left of a sum but what rounding made.
    private const double Nothing = 1e-9;
    private static readonly DateTimeOffset Moment = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan HalfLife = TimeSpan.FromDays(3);

    /// <param name="trend">0: nothing has happened yet.</param>
    /// <param name="weight">Of what happens.</param>
    /// <param name="at">When it happens; after the year 2000.</param>
    public static double With(double trend, double weight, DateTimeOffset at)
    {
        var added = LogarithmOf(weight, at);
        var (high, low) = trend > added ? (trend, added) : (added, trend);
        return trend is 0 ? added : high + Math.Log2(1 + Math.Pow(2, low - high));
    }

    /// <summary>As if it had not happened.</summary>
    public static double Without(double trend, double weight, DateTimeOffset at)
    {
        var left = 1 - Math.Pow(2, LogarithmOf(weight, at) - trend);
        return left > Nothing ? Math.Max(0, trend + Math.Log2(left)) : 0;
    }

    private static double LogarithmOf(double weight, DateTimeOffset at) => Math.Log2(weight) + ((at - Moment) / HalfLife);
}
