using Microsoft.Extensions.Options;
using ModelGarden.Hosting;
using Npgsql;

namespace ModelGarden.Persistence;

/// <summary>Says at start that the connection string is none, without showing it: it may hold a password.</summary>
internal sealed class DatabaseValidator : IValidateOptions<GardenOptions>
{
    public ValidateOptionsResult Validate(string? name, GardenOptions options)
    {
        try
        {
            return options.Database.Length is 0 || new NpgsqlConnectionStringBuilder(options.Database) is { Host.Length: > 0 }
                ? ValidateOptionsResult.Success
                : Fault("it names no Host");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException)
        {
            return Fault("a key or value in it is not one that PostgreSQL's driver knows");
        }
    }

    private static ValidateOptionsResult Fault(string why) => ValidateOptionsResult.Fail(
        $"Garden:Database is not a PostgreSQL connection string, {why}: such as 'Host=db;Username=garden;Password=…;Database=garden', or nothing for SQLite (environment: Garden__Database)");
}
