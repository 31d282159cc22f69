using System.Xml.Linq;
using ModelGarden.Testing;

namespace ModelGarden.Architecture.Tests;

/// <summary>Holds the directions between projects: Kernel ← libraries ← services ← AppHost, and no service knows another.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly IReadOnlyList<Project> Projects = [.. Load()];

    public static TheoryData<string> Services => [.. Projects.Where(project => project.Area is "services").Select(project => project.Name)];

    public static TheoryData<string> Libraries => [.. Projects.Where(project => project.Area is "libs").Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_References_LibrariesOnly(string name) =>
        Assert.All(Find(name).References, reference => Assert.Equal("libs", Find(reference).Area));

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Library_References_LibrariesOnly(string name) =>
        Assert.All(Find(name).References, reference => Assert.Equal("libs", Find(reference).Area));

    [Fact]
    public void Kernel_References_Nothing()
    {
        var kernel = Find("Kernel");

        Assert.Empty(kernel.References);
        Assert.Empty(kernel.Packages);
    }

    [Theory]
    [InlineData("Contracts", "Kernel")]
    [InlineData("Formats", "Kernel")]
    [InlineData("Xet", "Kernel")]
    [InlineData("Markdown")]
    [InlineData("Scanning", "Contracts", "Formats", "Kernel")]
    [InlineData("Hosting", "Contracts", "GrpcServices", "Kernel")]
    [InlineData("Persistence", "Hosting")]
    [InlineData("Evidence", "Contracts", "Kernel")]
    [InlineData("Rights", "Contracts", "Formats", "Hosting", "Kernel")]
    [InlineData("Cli", "Contracts", "Evidence", "Kernel")]
    public void Library_References_NoMoreThanIsAgreed(string name, params string[] agreed) =>
        Assert.Subset(agreed.ToHashSet(), Find(name).References.Where(reference => !IsStandIn(reference)).ToHashSet());

    [Fact]
    public void Solution_Holds_EveryProject()
    {
        var solution = File.ReadAllText(Repo.PathOf("ModelGarden.sln"));

        Assert.All(Projects, project => Assert.Contains($"{project.Name}.csproj", solution, StringComparison.Ordinal));
    }

    /// <summary>A resource that is put together by hand may forget the gate, and nobody would notice: it would be decided on as if there were none.</summary>
    [Fact]
    public void Resource_OfADecision_IsMadeInOnePlace() => Assert.DoesNotContain(
        Tracked().Where(path => path.StartsWith("services/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal)),
        path => File.ReadAllText(Repo.PathOf(path)) is var code && (code.Contains("new Resource", StringComparison.Ordinal) || code.Contains("Resource = new(", StringComparison.Ordinal)));

    [Fact]
    public void Packages_HaveVersions_InOnePlaceOnly() =>
        Assert.DoesNotContain(Projects, project => project.HasOwnVersions);

    [Fact]
    public void Top_Holds_WhatWasAskedFor() => Assert.Equal(
        ["AppHost", "Directory.Build.props", "Directory.Packages.props", "ModelGarden.sln", "README.md", "charts", "deploy", "global.json", "libs", "services", "tests"],
        Tracked().Select(path => path.Split('/')[0]).Where(name => !name.StartsWith('.')).Distinct().Order(StringComparer.Ordinal));

    private static bool IsStandIn(string name) => Find(name).Path.Contains("StandIns", StringComparison.Ordinal);

    private static Project Find(string name) => Projects.Single(project => project.Name == name);

    private static IEnumerable<Project> Load() => Tracked().Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)).Select(Project.Load);

    private static string[] Tracked()
    {
        using var git = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("git", ["ls-files"]) { WorkingDirectory = Repo.Root, RedirectStandardOutput = true })!;
        return git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed record Project(string Name, string Path, string Area, IReadOnlyList<string> References, IReadOnlyList<string> Packages, bool HasOwnVersions)
    {
        public static Project Load(string path)
        {
            var xml = XDocument.Load(Repo.PathOf(path));
            var packages = xml.Descendants("PackageReference").ToList();
            return new(
                System.IO.Path.GetFileNameWithoutExtension(path),
                path,
                path.Split('/')[0],
                [.. xml.Descendants("ProjectReference").Select(reference => System.IO.Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))],
                [.. packages.Select(package => (package.Attribute("Include") ?? package.Attribute("Remove"))!.Value)],
                packages.Any(package => package.Attribute("Version") is not null));
        }
    }
}
