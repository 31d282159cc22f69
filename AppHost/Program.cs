using ModelGarden.AppHost;
using ModelGarden.Hosting;
using ModelGarden.Kernel;

try
{
    var settings = GardenSettings.FromEnvironment(Environment.GetEnvironmentVariable).OrThrow();
    return await Garden.RunAsync(settings, new Screen());
}
catch (Exception exception) when (StartFaults.IsExpected(exception))
{
    // What is wrong for one service is wrong for most of them.
    foreach (var line in StartFaults.Lines(exception).Select(GardenSettings.InOwnWords).Distinct())
    {
        new Screen().Failure(line);
    }

    return 1;
}
