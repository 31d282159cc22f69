using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Accounts;

/// <summary>People and organisations in the protocol's words.</summary>
internal static class ProfileJson
{
    // There are no pictures here.
    public const string Avatar = "";

    /// <summary>As lists of people show one.</summary>
    public static JsonObject Person(string account) => new()
    {
        ["_id"] = ShortId.Of($"account/{account}"),
        ["user"] = account,
        ["fullname"] = account,
        ["avatarUrl"] = Avatar,
        ["isPro"] = false,
        ["type"] = "user",
    };

    /// <summary>Repositories are organisations': a person has none of his own.</summary>
    public static JsonObject Of(Account account, int likes)
    {
        var json = Person(account.Name);
        json["fullname"] = account.DisplayName.Length > 0 ? account.DisplayName : account.Name;
        json["createdAt"] = Wire.Stamps.ToWire(account.CreatedAt);
        json["isFollowing"] = false;
        foreach (var name in new[] { "numModels", "numDatasets", "numSpaces", "numPapers", "numUpvotes", "numFollowers", "numFollowing" })
        {
            json[name] = 0;
        }

        json["numLikes"] = likes;
        json["orgs"] = new JsonArray(new JsonObject
        {
            ["id"] = ShortId.Of($"tenant/{account.Tenant}"),
            ["name"] = account.Tenant,
            ["fullname"] = account.Tenant,
            ["avatarUrl"] = Avatar,
        });
        return json;
    }

    /// <param name="organisation">As the asker sees it.</param>
    /// <param name="members">Null: he may not know.</param>
    public static JsonObject Of(Organisation organisation, int? members)
    {
        var json = new JsonObject
        {
            ["_id"] = ShortId.Of($"tenant/{organisation.Name}"),
            ["name"] = organisation.Name,
            ["fullname"] = organisation.Title,
            ["avatarUrl"] = Avatar,
            ["type"] = "org",
            ["details"] = null,
            ["isVerified"] = false,
            ["isFollowing"] = false,
            ["numModels"] = organisation.Models,
            ["numDatasets"] = organisation.Datasets,
            ["numSpaces"] = organisation.Apps,
            ["numFollowers"] = 0,
            ["plan"] = null,
        };
        if (members is { } count)
        {
            json["numUsers"] = count;
        }

        return json;
    }
}
