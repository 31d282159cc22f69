using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.Charts.Tests;

/// <summary>The images that the chart runs, as far as their recipe can be read.</summary>
public sealed class ImageTests
{
    private static readonly string[] Recipe = File.ReadAllLines(Repo.PathOf("deploy/images/Dockerfile"));

    public static TheoryData<string> Services => [.. ServiceNames.All];

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_CanBeBuilt_ByItsName(string service)
    {
        var name = char.ToUpperInvariant(service[0]) + service[1..];

        Assert.True(File.Exists(Repo.PathOf($"services/{name}/{name}.csproj")));
    }

    [Fact]
    public void Sources_ExistAndAreLetIn()
    {
        var letIn = File.ReadAllLines(Repo.PathOf(".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToHashSet();
        var copied = Recipe.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1]).ToList();

        Assert.NotEmpty(copied);
        Assert.All(copied, source => Assert.True(Path.Exists(Repo.PathOf(source)) && letIn.Contains(source), source));
    }

    [Fact]
    public void User_IsTheOneThatPodsRunAs()
    {
        var user = File.ReadLines(Path.Combine(Tools.Chart, "templates/_names.tpl")).Single(line => line.StartsWith("runAsUser:", StringComparison.Ordinal)).Split(' ')[1];

        Assert.Contains($"USER {user}:{user}", Recipe);
    }
}
