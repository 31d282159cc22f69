using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Remembering;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

public sealed class FileAnswersTests
{
    private readonly FileAnswers _answers = new(Options.Create(new HubOptions { RememberedFiles = 200 }));

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Find_BeforeTheFeedIsThere_Nothing()
    {
        Keep(Question("a"));
        Assert.Null(_answers.Find(Question("a")));

        await LiveAsync();
        Assert.Null(_answers.Find(Question("a")));
        Keep(Question("a"));

        Assert.NotNull(_answers.Find(Question("a")));
        await _answers.LostAsync();
        Assert.Null(_answers.Find(Question("a")));
    }

    [Fact]
    public async Task Find_OfAnotherCallerRevisionOrKind_Nothing()
    {
        await LiveAsync();
        Keep(Question("a"));

        Assert.All(
            [Question("a") with { Caller = "other" }, Question("a") with { Revision = "dev" }, Question("a") with { Kind = RepositoryKind.Dataset }, Question("b")],
            question => Assert.Null(_answers.Find(question)));
    }

    [Fact]
    public async Task Keep_OfAnAnswerThatWasAskedBeforeAChange_IsNotKept()
    {
        await LiveAsync();
        var changes = _answers.Changes;
        await _answers.ApplyAsync(new() { Key = "repository/any", Sequence = 5 }, Cancel);

        _answers.Keep(Question("a"), Answer(), changes);

        Assert.Null(_answers.Find(Question("a")));
        Assert.Equal(5, _answers.Position);
    }

    [Theory]
    [InlineData("repository/id", true)]
    [InlineData("repository/another", false)]
    public async Task Apply_OfARepository_ForgetsItsFiles(string key, bool forgotten)
    {
        await LiveAsync();
        Keep(Question("a"));

        await _answers.ApplyAsync(new() { Key = key, Sequence = 5 }, Cancel);

        Assert.Equal(forgotten, _answers.Find(Question("a")) is null);
    }

    [Theory]
    [InlineData("ACME/Tiny", true)]
    [InlineData("acme/other", false)]
    public async Task Forget_OfARepository_ForgetsItsFiles(string name, bool forgotten)
    {
        await LiveAsync();
        Keep(Question("a"));

        _answers.Forget(name);

        Assert.Equal(forgotten, _answers.Find(Question("a")) is null);
    }

    [Fact]
    public async Task Reset_ForgetsAll()
    {
        await LiveAsync();
        Keep(Question("a"));

        await _answers.ResetAsync(Cancel);

        Assert.Null(_answers.Find(Question("a")));
    }

    [Fact]
    public async Task Keep_OfMoreThanThereIsRoomFor_ForgetsWhatIsNotAskedFor()
    {
        await LiveAsync();
        for (var i = 0; i < 1000; i++)
        {
            Keep(Question($"{i}"));
            Assert.NotNull(_answers.Find(Question("0")));
        }

        Assert.InRange(Enumerable.Range(0, 1000).Count(i => _answers.Find(Question($"{i}")) is not null), 100, 200);
    }

    private static FileQuestion Question(string path) => new("me", RepositoryKind.Model, "acme/tiny", "main", path);

    private static FileAnswer Answer() => new(new(), new() { Repository = "acme/tiny", RepositoryId = "id", Revision = "c" });

    private void Keep(FileQuestion question) => _answers.Keep(question, Answer(), _answers.Changes);

    private async Task LiveAsync()
    {
        await _answers.ResetAsync(Cancel);
        await _answers.CaughtUpAsync(1, Cancel);
    }
}
