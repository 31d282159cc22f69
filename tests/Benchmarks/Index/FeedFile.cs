using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Benchmarks.Index;

/// <summary>Made-up records as states of Catalog's feed, each with its length before it: what reaches Search has this form.</summary>
internal static class FeedFile
{
    public static async Task WriteAsync(string records, string feed)
    {
        await using var file = new FileStream(feed, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 1 << 20 });
        var number = 0;
        await foreach (var line in File.ReadLinesAsync(records))
        {
            using var record = JsonDocument.Parse(line);
            StateOf(record.RootElement, number++).WriteDelimitedTo(file);
        }
    }

    public static IEnumerable<Repository> Read(string feed)
    {
        using var file = new FileStream(feed, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, BufferSize = 1 << 20 });
        while (file.Position < file.Length)
        {
            yield return Repository.Parser.ParseDelimitedFrom(file);
        }
    }

    private static Repository StateOf(JsonElement record, int number)
    {
        var created = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeSeconds(record.GetProperty("created").GetInt64()));
        var head = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(record.GetProperty("id").GetString()!)).AsSpan(0, 20));
        var described = RecordOf(record, head);
        return new()
        {
            Id = new Guid(number, 0, 0, new byte[8]).ToString("N"),
            Name = record.GetProperty("id").GetString(),
            Kind = RepositoryKind.Model,
            Visibility = Visibility.Garden,
            Lifecycle = Lifecycle.Published,
            Head = head,
            PublishedRevisions = { head },
            CreatedAt = created,
            UpdatedAt = created,
            Record = described,
            PublishedRecord = described,
            Downloads = record.GetProperty("downloads").GetInt64(),
            Likes = record.GetProperty("likes").GetInt64(),
        };
    }

    private static ModelRecord RecordOf(JsonElement record, string head)
    {
        var declared = new DeclaredFacts
        {
            Task = record.GetProperty("task").GetString(),
            Library = record.GetProperty("library").GetString(),
            Licenses = { record.GetProperty("license").GetString() },
            Languages = { record.GetProperty("languages").EnumerateArray().Select(language => language.GetString()) },
            Tags = { record.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()) },
            Summary = record.GetProperty("card").GetString(),
        };
        if (record.GetProperty("base_model").GetString() is { } baseModel)
        {
            declared.BaseModels.Add(baseModel);
        }

        return new() { Revision = head, Declared = declared, Measured = new() { Parameters = record.GetProperty("params").GetInt64() } };
    }
}
