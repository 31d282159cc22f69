using System.Text.Json.Nodes;
using ModelGarden.Testing;
using static ModelGarden.Clients.Told;

namespace ModelGarden.Clients;

/// <summary>npm's <c>@huggingface/transformers</c>, unchanged, loads a language model from a garden and runs it.</summary>
public abstract class TransformersContract(ClientGarden garden)
{
    // What torch makes of the same weights in double precision.
    private static readonly (string Token, double Log)[] Next = [(" Moses", -1.4735), (" him", -1.7682), (" them", -1.9163), (" me", -2.3794), (" the", -2.9725)];

    [Fact]
    public async Task Model_OfAPrivateRepository_IsLoadedAndSaysWhatOthersMakeOfItsWeights()
    {
        var told = await garden.RunAsync(
            "transformers",
            garden.Engineer,
            ("REPO", $"acme/onnx-{Guid.NewGuid():n}"),
            ("FOLDER", Repo.PathOf("deploy/samples/kjv-llama")),
            ("PROMPT", "And the LORD said unto"));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        Assert.Contains("Unauthorized", (string?)told["anonymous"], StringComparison.Ordinal);
        Assert.Contains("Unauthorized", (string?)told["wrong"], StringComparison.Ordinal);
        // As llama.cpp goes on with the GGUF file beside the weights.
        Assert.Equal(" Moses, Thus saith the LORD, and the LORD will give thee a feast unto the LORD, and the LORD thy God will give thee to the land", (string?)told["text"]);
        Assert.Equal(Next.Select(one => one.Token), told["next"]!.AsArray().Select(one => (string?)one!["token"]));
        Assert.All(Next.Zip(told["next"]!.AsArray()), pair => Assert.Equal(pair.First.Log, (double)pair.Second!["log"]!, 0.001));
        Assert.Contains("whole 200 main/onnx/model.onnx", Texts(told["asked"]!));
        Assert.DoesNotContain(Texts(told["askedAgain"]!), one => one!.StartsWith("whole", StringComparison.Ordinal));
        Assert.Contains("Could not locate file", (string?)told["gone"], StringComparison.Ordinal);
        Assert.Equal(" Moses", told["pinned"]!.ToString());
    }
}

[Collection<SqliteGarden>]
public sealed class SqliteTransformersTests(SqliteGarden garden) : TransformersContract(garden);

[Collection<PostgresGarden>]
public sealed class PostgresTransformersTests(PostgresGarden garden) : TransformersContract(garden);
