using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.StandIns.Tests.V1;

namespace ModelGarden.StandIns.Tests.Grpc;

public sealed class MessageTests(GardenHost host) : IClassFixture<GardenHost>
{
    public static TheoryData<string> Messages => EveryFields.Kinds;

    [Theory]
    [MemberData(nameof(Messages))]
    public void Binary_RoundTrip_IsTheSame(string kind)
    {
        var message = EveryFields.Make(kind);

        Assert.Equal(message, EveryField.Parser.ParseFrom(message.ToByteArray()));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Json_RoundTrip_IsTheSame(string kind)
    {
        var message = EveryFields.Make(kind);

        Assert.Equal(message, EveryFields.Parser.Parse<EveryField>(EveryFields.Formatter.Format(message)));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Marshaller_GeneratedFunctions_RoundTrip(string kind)
    {
        var message = EveryFields.Make(kind);
        var marshaller = Marshallers.Create<EveryField>(
            static (value, context) =>
            {
                context.SetPayloadLength(value.CalculateSize());
                value.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            static context => EveryField.Parser.ParseFrom(context.PayloadAsReadOnlySequence()));

        Assert.Equal(message, marshaller.Deserializer(marshaller.Serializer(message)));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Call_ThereAndBack_IsTheSame(string kind)
    {
        var message = EveryFields.Make(kind);

        var answer = await host.Client.EchoAsync(message, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(message, answer.Message);
        Assert.Equal(EveryFields.Formatter.Format(message), answer.Json);
    }

    [Fact]
    public void FullMessage_EachFieldOfTheDescriptor_IsSet()
    {
        var message = EveryFields.Make("full");
        var unset = EveryField.Descriptor.Fields.InDeclarationOrder()
            .Where(field => field.RealContainingOneof is null && field.Name != "absent_wrapper")
            .Where(field => field.IsRepeated ? IsEmpty(field, message) : IsDefault(field, message))
            .Select(field => field.Name);

        Assert.Empty(unset);
        Assert.Null(message.AbsentWrapper);
    }

    [Fact]
    public void Parse_UnknownFields_AreKept()
    {
        var full = EveryFields.Make("full").ToByteArray();

        var kept = Empty.Parser.ParseFrom(full).ToByteArray();

        Assert.Equal(EveryFields.Make("full"), EveryField.Parser.ParseFrom(kept));
    }

    private static bool IsEmpty(FieldDescriptor field, EveryField message) =>
        field.Accessor.GetValue(message) is System.Collections.ICollection { Count: 0 };

    private static bool IsDefault(FieldDescriptor field, EveryField message) => field.HasPresence
        ? !field.Accessor.HasValue(message)
        : Equals(field.Accessor.GetValue(message), field.Accessor.GetValue(new EveryField()));
}
