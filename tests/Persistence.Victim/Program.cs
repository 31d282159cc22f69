// A service under the name of Catalog that writes things as fast as it can until it is killed, and says on standard output what is safe.
// usage: <writers>; settings come from the environment.
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Hosting;
using ModelGarden.Persistence.Victim;

await using var app = GardenService.Build(VictimModule.Definition, []);
await app.StartAsync();
var contexts = app.Services.GetRequiredService<IDbContextFactory<ThingsDbContext>>();
var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
var writers = int.Parse(args[0], CultureInfo.InvariantCulture);
await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(WriteAsync)));

async Task WriteAsync()
{
    while (true)
    {
        var name = Guid.NewGuid().ToString("n");
        await using var context = await contexts.CreateDbContextAsync();
        context.Add(new Thing { Name = name, At = DateTimeOffset.UtcNow, Payload = new byte[2000] });
        context.Announce(name, new StringValue { Value = name });
        await context.SaveChangesAsync();
        output.WriteLine(name);
    }
}
