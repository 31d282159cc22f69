using System.Text;
using Google.Protobuf;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Uploads;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Repositories;

/// <summary>
/// What a new repository begins with: the rules for large files, a card if the client names a licence, and the files that it sends along.
/// Clients expect a branch to be there: they make others from it and list it before they have uploaded anything.
/// </summary>
internal static class FirstCommit
{
    private const string Summary = "initial commit";

    public static CreateCommitRequest From(JsonFields body)
    {
        var files = new Dictionary<string, ByteString> { [GitAttributes.FileName] = ByteString.CopyFromUtf8(GitAttributes.Usual) };
        if (body.OptionalText("license") is { Length: > 0 } license)
        {
            files["README.md"] = ByteString.CopyFrom(Card(body, license));
        }

        foreach (var file in body.Objects("files"))
        {
            files[FilePath.Create(file.Text("path")).OrThrow().Value] = InlineContent.Of(file);
        }

        var commit = new CreateCommitRequest { Summary = Summary };
        commit.Operations.AddRange(files.Select(file => new Operation { AddFile = new() { Path = file.Key, Content = file.Value } }));
        return commit;
    }

    private static byte[] Card(JsonFields body, string license) => Slug.IsValid(license, 1, 96)
        ? Encoding.UTF8.GetBytes($"---\nlicense: {license}\n---\n")
        : throw body.Bad("license", $"'{Text.Shorten(license)}' is not a licence's id, such as apache-2.0");
}
