using System.Reflection;
using System.Text.RegularExpressions;
using Google.Api;
using Google.Protobuf.Reflection;

namespace ModelGarden.Hosting.Tests.Protocols;

/// <summary>What holds for every proto of the garden.</summary>
public sealed partial class ContractTests
{
    private static readonly IReadOnlyList<ServiceDescriptor> Services = [.. typeof(ModelGarden.Contracts.V1.Search).Assembly.GetTypes()
        .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
        .OfType<ServiceDescriptor>()];

    [Fact]
    public void Rest_RouteOfEachRpc_IsItsOwn()
    {
        var routes = Rules().Select(rule => PathField().Replace($"{rule.Verb} {rule.Path}", "{}")).ToList();

        Assert.NotEmpty(routes);
        Assert.Equal(routes.Distinct(), routes);
    }

    [Fact]
    public void Rest_PathAndBody_NameFieldsOfTheRequest() => Assert.All(Rules(), rule =>
    {
        Assert.StartsWith("/garden/v1/", rule.Path, StringComparison.Ordinal);
        var fields = rule.Method.InputType.Fields.InDeclarationOrder().Select(field => field.Name).ToHashSet();
        Assert.Subset(fields, PathField().Matches(rule.Path).Select(match => match.Groups[1].Value).ToHashSet());
        Assert.True(rule.Body is "" or "*" || fields.Contains(rule.Body), $"{rule.Method.FullName}: body {rule.Body}");
        Assert.True(rule.Verb is not ("GET" or "DELETE") || rule.Body is "", $"{rule.Method.FullName}: {rule.Verb} has no body");
    });

    [Fact]
    public void Names_OfServices_AreThoseOfTheGarden() => Assert.Subset(
        ServiceNames.All.Append("changefeed").ToHashSet(), Services.Select(service => service.Name.ToLowerInvariant()).ToHashSet());

    private static IEnumerable<(MethodDescriptor Method, string Verb, string Path, string Body)> Rules() =>
        from service in Services
        from method in service.Methods
        let rule = method.GetOptions().GetExtension(HttpExtensions.Http)
        where rule is not null
        from one in rule.AdditionalBindings.Prepend(rule)
        select (method, one.PatternCase.ToString().ToUpperInvariant(), one.Get + one.Put + one.Post + one.Delete + one.Patch, one.Body);

    [GeneratedRegex(@"\{(\w+)(?:=[^}]*)?\}")]
    private static partial Regex PathField();
}
