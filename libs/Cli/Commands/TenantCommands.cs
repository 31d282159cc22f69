using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden tenants …</c>: for operators.</summary>
internal static class TenantCommands
{
    public static Command Build(App app) => new("tenants", "Tenants of the garden") { Create(app), List(app) };

    private static Command Create(App app)
    {
        var name = Parsed.Argument("NAME", "Short name; also the namespace of the tenant's models", TenantName.Create);
        var title = Parsed.Text("--display-name", "TEXT", "For people");
        return app.Handle(
            new("create", "Make a tenant") { name, title },
            async (session, parsed, cancellationToken) =>
            {
                var tenant = await session.Garden.CreateTenantAsync(
                    new() { Name = parsed.GetValue(name).Value, DisplayName = parsed.GetValue(title) ?? "" }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(tenant);
                    return;
                }

                session.Out.Facts(("tenant", tenant.Name), ("name", tenant.DisplayName), ("created", Plain.Time(tenant.CreatedAt)));
                session.Out.Note($"its first admin: garden accounts create NAME --tenant {tenant.Name} --role admin");
            });
    }

    private static Command List(App app) => app.Handle(
        new("list", "All tenants"),
        async (session, _, cancellationToken) =>
        {
            var tenants = await session.Garden.ListTenantsAsync(cancellationToken);
            if (session.Out.IsJson)
            {
                session.Out.Json(tenants);
                return;
            }

            session.Out.Table(
                ["tenant", "name", "created"],
                [.. tenants.Tenants.Select(tenant => new Cell[] { tenant.Name, tenant.DisplayName, Plain.Time(tenant.CreatedAt) })]);
        });
}
