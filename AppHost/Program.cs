using ModelGarden.AppHost;
using ModelGarden.Kernel;

try
{
    var settings = GardenSettings.FromEnvironment(Environment.GetEnvironmentVariable).OrThrow();
    return await Garden.RunAsync(settings, new Screen());
}
catch (ErrorException exception)
{
    new Screen().Failure(exception.Error.Message);
    return 1;
}
