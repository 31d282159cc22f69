// Policies at size, on this machine alone:
//   replay <data> <rows>     tries a draft of a hundred rules on ten million decisions, kept as so many different ones (at most 10,000,000), on a SQLite database in a new folder; prints seconds
//   rights <tenants>         what a decision costs in a service that follows Entitlement's feed, and over gRPC, with a hundred acceptances of each of so many tenants; prints microseconds and milliseconds
//   decide                   what a decision costs once its facts are known, under policies of so many rules; prints microseconds
using System.Globalization;
using ModelGarden.Benchmarks.Policies;

switch (args)
{
    case ["replay", var data, var rows]:
        await ReplayRounds.RunAsync(data, int.Parse(rows, CultureInfo.InvariantCulture));
        break;
    case ["rights", var tenants]:
        await RightsRounds.RunAsync(int.Parse(tenants, CultureInfo.InvariantCulture));
        break;
    case ["decide"]:
        DecideRounds.Run();
        break;
    default:
        throw new ArgumentException("none of replay, rights and decide with what they need");
}
