namespace ModelGarden.AppHost;

/// <summary>What a garden says last of its start: where it is, and what to try.</summary>
internal static class Welcome
{
    public static void Say(Screen screen, Garden garden, GardenSettings settings)
    {
        screen.Fact("web", $"{garden.Url}/");
        screen.Fact("gRPC", garden.GrpcUrl);
        screen.Fact("data", settings.Data);
        if (garden.IsAdminTokenNew)
        {
            screen.Fact("admin", $"{garden.AdminToken}  (shown once; kept in {Path.Combine(settings.Data, "admin-token")})");
        }

        screen.Line();
        screen.Line("Try, in another shell:");
        screen.Command($"alias garden='dotnet {CliPath()}'");
        screen.Command($"garden login {garden.Url} --token \"{(settings.AdminToken is null ? $"$(cat {Shown(Path.Combine(settings.Data, "admin-token"))})" : "$GARDEN_ADMIN_TOKEN")}\"");
        screen.Command("garden accounts reset-password root   # a link to sign in with a browser");
        screen.Command("garden models search bible");
        screen.Command("garden deploy garden/kjv-llama --name kjv && garden chat kjv 'In the beginning'");
        screen.Line();
    }

    private static string CliPath()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ModelGarden.sln")))
        {
            folder = folder.Parent;
        }

        var built = folder is null ? null : Directory.EnumerateFiles(Path.Combine(folder.FullName, "libs", "Cli", "bin"), "garden.dll", SearchOption.AllDirectories).FirstOrDefault();
        return built is null ? "garden.dll" : Shown(built);
    }

    private static string Shown(string path) => Path.GetRelativePath(Environment.CurrentDirectory, path) is var relative && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : path;
}
