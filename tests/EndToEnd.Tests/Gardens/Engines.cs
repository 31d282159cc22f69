using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Gardens;

/// <summary>The engines, installed once for all gardens of the tests: <c>tests/run.sh</c> and the engines' own tests install them in place.</summary>
internal static class Engines
{
    public static string Folder { get; } = Repo.PathOf("deploy/engines");
}
