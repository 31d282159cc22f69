using ModelGarden.Contracts.V1;
using ModelGarden.Search.Similarity;

namespace ModelGarden.Search.Tests.Similarity;

public sealed class LikenessTests
{
    private static readonly Repository Model = Described("acme/chat", "tune", "LlamaForCausalLM", "meta/llama", "legal", "german");

    [Fact]
    public void Of_WhatTheyHaveInCommon_TheMoreTheLiker()
    {
        var likeness = new Likeness(Model);
        Repository[] others =
        [
            Described("globex/chat", "tune", "LlamaForCausalLM", "meta/llama", "legal", "german"),
            Described("globex/other", "of it", "LlamaForCausalLM", "meta/llama", "legal"),
            Described("globex/next", "of it", "LlamaForCausalLM", "meta/llama"),
            Described("globex/made", "of it", "llamaforcausallm", "ACME/Chat"),
            Described("meta/llama", "base", "", ""),
            Described("globex/task", "alone", "Bert", "google/bert"),
        ];

        Assert.Equal([14, 10.414, 9, 9, 6, 2], others.Select(other => Math.Round(likeness.Of(other), 3)));
        Assert.Equal(others.Select(likeness.Of), others.Select(other => new Likeness(other).Of(Model)));
    }

    [Fact]
    public void Of_WhatNothingIsKnownOf_IsNothing() => Assert.Equal(0, new Likeness(new() { Name = "acme/one" }).Of(new() { Name = "acme/two" }));

    private static Repository Described(string name, string summary, string architecture, string its, params string[] tags)
    {
        var repository = Sample.Published(name, declared =>
        {
            (declared.Title, declared.Summary) = ("", summary);
            declared.BaseModels.Add(its);
            declared.Tags.AddRange(tags);
        });
        repository.Record.Measured.Architecture = architecture;
        return repository;
    }
}
