using System.Reflection;
using Google.Protobuf.Reflection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Hosting.Tests.Access;

/// <summary>The access rules that the protos declare.</summary>
public sealed class AccessRulesTests
{
    public static TheoryData<string> Services => [.. Descriptors().Select(service => service.FullName)];

    [Theory]
    [MemberData(nameof(Services))]
    public void EveryRpc_DeclaresWhoMayCallIt_InKnownWords(string name)
    {
        var service = Descriptors().Single(service => service.FullName == name);
        new AccessRules().Add(service);

        foreach (var method in service.Methods)
        {
            var rule = method.GetOptions().GetExtension(AccessExtensions.Access);
            Assert.Subset(Roles.All.ToHashSet(), rule.Roles.ToHashSet());
            Assert.True(rule.Scope.Length is 0 || Scopes.All.Contains(rule.Scope), $"{method.FullName}: scope {rule.Scope}");
            // Roles and scopes are asked of members only: on another audience they would promise a check that nobody makes.
            Assert.True(rule.Audience is Audience.Member || (rule.Scope.Length is 0 && rule.Roles.Count is 0), $"{method.FullName}: roles or scope without AUDIENCE_MEMBER");
        }
    }

    /// <summary>A field that is misspelt would bind nobody to anything, but for refusing him.</summary>
    [Theory]
    [MemberData(nameof(Services))]
    public void EveryRpc_ThatIsAboutARepository_NamesTheFieldThatSaysWhich(string name) => Assert.All(
        Descriptors().Single(service => service.FullName == name).Methods,
        method => Assert.True(method.GetOptions().GetExtension(AccessExtensions.Access).Repository is var field && (field is "" or "*" || IsText(method.InputType, field)), method.FullName));

    [Theory]
    [MemberData(nameof(Services))]
    public void EveryRpc_ButThePushOfGit_StreamsNoRequests(string name) =>
        Assert.DoesNotContain(Descriptors().Single(service => service.FullName == name).Methods, method => method.IsClientStreaming && method.FullName is not "modelgarden.v1.Catalog.Push");

    [Fact]
    public void Add_OfAnRpcThatDeclaresNothing_Refuses()
    {
        var exception = Assert.Throws<InvalidOperationException>(() => new AccessRules().Add(Grpc.Health.V1.Health.Descriptor));

        Assert.Contains("grpc.health.v1.Health.Check", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_OfAnOpenService_CoversAllItsMethodsAndNoOther()
    {
        var rules = new AccessRules();
        rules.AddOpen("grpc.health.v1.Health");

        Assert.Equal(Audience.Anyone, rules.Find("/grpc.health.v1.Health/Check")?.Audience);
        Assert.Null(rules.Find("/grpc.health.v1.Healthy/Check"));
        Assert.Null(rules.Find("/modelgarden.v1.Search/Query"));
    }

    private static bool IsText(MessageDescriptor message, string field) => field.Split('.', 2) switch
    {
        [var only] => message.FindFieldByName(only) is { FieldType: FieldType.String, IsRepeated: false },
        [var first, var rest] => message.FindFieldByName(first) is { FieldType: FieldType.Message, IsRepeated: false } inner && IsText(inner.MessageType, rest),
        _ => false,
    };

    private static IEnumerable<ServiceDescriptor> Descriptors() => typeof(Contracts.V1.Search).Assembly.GetTypes()
        .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
        .OfType<ServiceDescriptor>();
}
