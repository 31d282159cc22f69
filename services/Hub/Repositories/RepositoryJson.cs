using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Repositories;

/// <summary>Describes a repository at a revision in the protocol's words; what only this garden knows stands under <c>garden</c>.</summary>
internal static class RepositoryJson
{
    private const int MaximumCardDepth = 32;

    public static JsonObject Describe(Repository repository, ModelRecord? record, string commit, Timestamp? committedAt, Terms terms)
    {
        var (declared, measured) = (record?.Declared ?? new(), record?.Measured ?? new());
        var json = new JsonObject
        {
            ["_id"] = ShortId.Of(repository.Id),
            ["id"] = repository.Name,
            ["author"] = Ownership.OwnerOf(repository.Name),
            ["sha"] = commit.Length > 0 ? commit : null,
            ["lastModified"] = (committedAt ?? repository.UpdatedAt).ToWire(),
            ["createdAt"] = repository.CreatedAt.ToWire(),
            ["private"] = repository.Visibility is Visibility.Private,
            ["gated"] = terms.GateOf(repository, declared) is { } gate ? gate : false,
            ["disabled"] = repository.Lifecycle is Lifecycle.TakenDown,
            ["downloads"] = repository.Downloads,
            ["downloadsAllTime"] = repository.Downloads,
            ["trendingScore"] = repository.Trend,
            ["resourceGroup"] = null,
            ["likes"] = repository.Likes,
            ["tags"] = new JsonArray([.. RepositoryTags.Of(record, repository.AttestedRating).Select(tag => (JsonNode)tag)]),
            ["usedStorage"] = measured.Size,
            ["mainSize"] = measured.Size,
            ["garden"] = Own(repository, record, declared, measured),
        };
        AddModelFacts(json, repository, declared, measured);
        return json;
    }

    private static void AddModelFacts(JsonObject json, Repository repository, DeclaredFacts declared, MeasuredFacts measured)
    {
        if (repository.Kind is RepositoryKind.Model or RepositoryKind.Unspecified)
        {
            json["modelId"] = repository.Name;
            // Nobody offers to run what is here but the garden itself.
            json["inference"] = null;
            json["inferenceProviderMapping"] = new JsonArray();
            TransformersFields.Add(json, measured);
        }
        else if (repository.Kind is RepositoryKind.App)
        {
            (json["host"], json["subdomain"]) = (null, null);
            json["runtime"] = AppRuntime.ToJson();
        }

        AddText(json, "library_name", declared.Library);
        AddText(json, "pipeline_tag", declared.Task);
        var card = CardOf(declared);
        CardFields.Add(json, repository.Kind, declared, card);
        if (card is not null)
        {
            json["cardData"] = card;
        }

        if (measured.HasParameters && measured.Formats.Contains("safetensors"))
        {
            var byType = new JsonObject(measured.ParametersByType.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
            json["safetensors"] = new JsonObject { ["parameters"] = byType, ["total"] = measured.Parameters };
        }

        if (measured.HasParameters && measured.Formats.Contains("gguf"))
        {
            var gguf = new JsonObject { ["total"] = measured.Parameters };
            AddText(gguf, "architecture", measured.Architecture);
            if (measured.HasContextLength)
            {
                gguf["context_length"] = measured.ContextLength;
            }

            json["gguf"] = gguf;
        }
    }

    private static JsonObject Own(Repository repository, ModelRecord? record, DeclaredFacts declared, MeasuredFacts measured) => new()
    {
        ["lifecycle"] = Word(repository.Lifecycle),
        ["source"] = Word(repository.Source?.Kind ?? SourceKind.FirstParty),
        ["origin"] = repository.Source?.Origin,
        ["originRevision"] = repository.Source?.OriginRevision,
        ["originChecksums"] = repository.Source?.Checksums is { } checksums ? new JsonObject { ["files"] = checksums.Files, ["digest"] = checksums.Digest } : null,
        ["licenses"] = new JsonArray([.. declared.Licenses.Select(license => (JsonNode)license)]),
        ["formats"] = new JsonArray([.. measured.Formats.Select(format => (JsonNode)format)]),
        ["verdict"] = record is null ? null : Word(measured.Verdict),
        ["contradictions"] = new JsonArray([.. (record?.Contradictions ?? []).Select(contradiction => (JsonNode)contradiction)]),
        ["successor"] = repository.Successor is { Length: > 0 } successor ? successor : null,
        ["retiresAt"] = repository.RetiresAt.ToWire(),
        ["contentRating"] = Word(ContentRatings.Of(repository.AttestedRating, record)),
    };

    private static void AddText(JsonObject json, string name, string value)
    {
        if (value.Length > 0)
        {
            json[name] = value;
        }
    }

    /// <summary>The card's front matter; null: there is none, or none that a client reads.</summary>
    public static JsonObject? CardOf(DeclaredFacts declared)
    {
        try
        {
            return declared.CardJson.Length is 0 ? null
                : JsonNode.Parse(declared.CardJson, documentOptions: new() { MaxDepth = MaximumCardDepth }) as JsonObject;
        }
        catch (JsonException)
        {
            // A card nested deeper than any client reads.
            return null;
        }
    }

    // "InReview" is said "in_review".
    private static string Word<T>(T value)
        where T : struct, System.Enum =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
