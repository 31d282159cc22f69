using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Access;

/// <summary>Access requests and their forms in the protocol's words; what only this garden knows stands under <c>garden</c>.</summary>
internal static class AccessJson
{
    /// <summary>For the repository's owner: with what the account is called, and its address, if it has asked him.</summary>
    public static JsonObject Of(AccessRequest access)
    {
        var user = new JsonObject
        {
            ["_id"] = ShortId.Of($"account/{access.Account}"),
            ["user"] = access.Account,
            ["fullname"] = access.FullName.Length > 0 ? access.FullName : access.Account,
        };
        if (access.Email.Length > 0)
        {
            user["email"] = access.Email;
        }

        var json = new JsonObject
        {
            ["user"] = user,
            ["status"] = Word(access.Status),
            ["timestamp"] = (access.AskedAt ?? access.ChangedAt).ToWire(),
        };
        if (access.Fields.Count > 0)
        {
            json["fields"] = new JsonObject(access.Fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, (JsonNode?)field.Value)));
        }

        json["garden"] = Own(access);
        return json;
    }

    /// <summary>For the account itself.</summary>
    public static JsonObject OfAsker(AccessRequest access) => new()
    {
        ["status"] = Word(access.Status),
        ["timestamp"] = (access.AskedAt ?? access.ChangedAt).ToWire(),
        ["garden"] = Own(access),
    };

    /// <summary>What is asked of who wants access, and how the caller stands to it.</summary>
    public static JsonObject OfForm(GetAccessFormResponse found, AccessRequest? own)
    {
        var json = new JsonObject
        {
            ["id"] = found.Repository.Name,
            ["gated"] = found.Repository.Gate switch { AccessGate.Manual => "manual", AccessGate.Automatic => "auto", _ => false },
        };
        AddText(json, "heading", found.Form.Heading);
        AddText(json, "prompt", found.Form.Prompt);
        AddText(json, "description", found.Form.Description);
        AddText(json, "button_content", found.Form.ButtonContent);
        json["fields"] = new JsonArray([.. found.Form.Fields.Select(Field)]);
        json["request"] = own is null ? null : OfAsker(own);
        return json;
    }

    private static JsonNode Field(AccessField field)
    {
        var json = new JsonObject { ["name"] = field.Name, ["type"] = field.Type };
        if (field.Options.Count > 0)
        {
            json["options"] = new JsonArray([.. field.Options.Select(option => new JsonObject { ["label"] = option.Label, ["value"] = option.Value })]);
        }

        return json;
    }

    private static JsonObject Own(AccessRequest access)
    {
        var json = new JsonObject { ["changedAt"] = access.ChangedAt.ToWire() };
        AddText(json, "tenant", access.Tenant);
        AddText(json, "decidedBy", access.DecidedBy);
        AddText(json, "rejectionReason", access.RejectionReason);
        AddText(json, "until", access.Until.ToWire() ?? "");
        return json;
    }

    private static void AddText(JsonObject json, string name, string value)
    {
        if (value.Length > 0)
        {
            json[name] = value;
        }
    }

    private static string Word(AccessStatus status) => status switch
    {
        AccessStatus.Accepted => "accepted",
        AccessStatus.Rejected => "rejected",
        _ => "pending",
    };
}
