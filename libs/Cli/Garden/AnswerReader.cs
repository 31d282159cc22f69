using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ModelGarden.Cli.Garden;

/// <summary>Protobuf's JSON as a garden sends it. What a newer garden says and this program does not know is passed over.</summary>
internal static class AnswerReader
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public static T Read<T>(string text)
        where T : IMessage<T>, new()
    {
        try
        {
            return Parse<T>(text);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException or JsonException or FormatException or OverflowException)
        {
            throw new ErrorException(Error.Unavailable("BAD_ANSWER", $"the garden's answer cannot be read: {Text.Shorten(exception.Message, 200)}: is it a garden?"), exception);
        }
    }

    private static T Parse<T>(string text)
        where T : IMessage<T>, new()
    {
        try
        {
            return Parser.Parse<T>(text);
        }
        catch (InvalidProtocolBufferException)
        {
            // The parser passes over unknown fields, not over unknown values of enums.
            var node = JsonNode.Parse(text);
            DropUnknownValues(node, new T().Descriptor);
            return Parser.Parse<T>(node?.ToJsonString() ?? text);
        }
    }

    private static void DropUnknownValues(JsonNode? node, MessageDescriptor type)
    {
        if (node is not JsonObject fields)
        {
            return;
        }

        foreach (var field in type.Fields.InDeclarationOrder())
        {
            var value = fields[field.JsonName];
            if (field is { FieldType: FieldType.Enum, IsRepeated: false } && value is JsonValue && field.EnumType.FindValueByName(value.ToString()) is null)
            {
                fields.Remove(field.JsonName);
            }
            else if (field is { FieldType: FieldType.Message, IsMap: false })
            {
                foreach (var one in value is JsonArray many ? many.ToArray() : [value])
                {
                    DropUnknownValues(one, field.MessageType);
                }
            }
        }
    }
}
