using System.Text;
using ModelGarden.Formats.Cards;

namespace ModelGarden.Formats.Tests;

public sealed class ModelCardTests
{
    [Fact]
    public void Card_Whole_GivesEveryField()
    {
        var card = ModelCard.Parse("""
            ---
            # a comment
            license: other
            license_name: my-licence
            license_link: https://example.com/licence
            language:
            - en
            - no
            - pt-BR
            tags: [a, 'b c']
            pipeline_tag: text-generation
            task_categories: [question-answering, summarization]
            library_name: transformers
            model_name: My Model
            base_model:
              - org/base-one
              - org/base-two
            base_model_relation: merge
            datasets: imdb
            metrics: [accuracy]
            new_version: org/next
            thumbnail: https://example.com/t.png
            inference:
              parameters:
                temperature: 0.7
            widget:
              - text: hello
            co2_eq_emissions: 12
            ---
            # Title

            Body.
            """);

        Assert.Empty(card.Issues);
        Assert.Equal(("other", "my-licence", "https://example.com/licence"), (card.License, card.LicenseName, card.LicenseLink));
        Assert.Equal(["en", "no", "pt-BR"], card.Languages);
        Assert.Equal(["a", "b c"], card.Tags);
        Assert.Equal(("text-generation", "transformers", "My Model"), (card.PipelineTag, card.LibraryName, card.ModelName));
        Assert.Equal(["question-answering", "summarization"], card.TaskCategories);
        Assert.Equal(["org/base-one", "org/base-two"], card.BaseModels);
        Assert.Equal(("merge", "org/next", "https://example.com/t.png"), (card.BaseModelRelation, card.NewVersion, card.Thumbnail));
        Assert.Equal(["imdb"], card.Datasets);
        Assert.Equal(["accuracy"], card.Metrics);
        Assert.Equal(0.7, card.Inference!["parameters"]!["temperature"]!.GetValue<double>());
        Assert.Equal("hello", card.Widget![0]!["text"]!.GetValue<string>());
        Assert.Equal(12, card.Metadata["co2_eq_emissions"]!.GetValue<long>());
        Assert.Equal("# Title\n\nBody.", card.Body);
        Assert.Equal("Body.", card.Summary);
    }

    [Fact]
    public void AccessForm_IsRead()
    {
        var card = ModelCard.Parse("""
            ---
            extra_gated_heading: Heading
            extra_gated_prompt: "You agree: nothing bad"
            extra_gated_button_content: Go
            extra_gated_eu_disallowed: true
            extra_gated_fields:
              Company: text
              Country: country
              Born: date_picker
              I want it for:
                type: select
                options:
                  - Research
                  - label: Other
                    value: other
              I agree: checkbox
            ---
            """);

        Assert.Empty(card.Issues);
        var form = Assert.IsType<AccessForm>(card.AccessForm);
        Assert.Equal(("Heading", "You agree: nothing bad", "Go", true), (form.Heading, form.Prompt, form.ButtonContent, form.EuDisallowed));
        Assert.Equal(["Company", "Country", "Born", "I want it for", "I agree"], form.Fields.Select(field => field.Name));
        Assert.Equal([new("Research", "Research"), new("Other", "other")], form.Fields[3].Options);
    }

    [Fact]
    public void AccessForm_OfTooManyFieldsOrOptions_IsAnError()
    {
        var fields = ModelCard.Parse($"---\nextra_gated_fields:\n{string.Concat(Enumerable.Range(0, 51).Select(i => $"  f{i}: text\n"))}---\n");
        var options = ModelCard.Parse($"---\nextra_gated_fields:\n  A:\n    type: select\n    options: [{string.Join(", ", Enumerable.Range(0, 301))}]\n---\n");
        var name = ModelCard.Parse($"---\nextra_gated_fields:\n  {new string('x', 201)}: text\n---\n");

        Assert.Equal("has more than 50 fields", Assert.Single(fields.Issues).Message);
        Assert.Equal("are more than 300", Assert.Single(options.Issues).Message);
        Assert.Contains("1 to 200 characters", Assert.Single(name.Issues).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AccessForm_WithoutItsFields_IsNone() => Assert.Null(ModelCard.Parse("---\nlicense: mit\n---\n").AccessForm);

    [Fact]
    public void Evaluations_AreFlattened()
    {
        var card = ModelCard.Parse("""
            ---
            model-index:
            - name: my-model
              results:
              - task:
                  type: text-generation
                  name: Text Generation
                dataset:
                  type: ai2_arc
                  name: ARC
                  config: challenge
                  split: test
                  revision: abc
                metrics:
                - type: acc
                  value: 64.59
                  name: Accuracy
                  verified: true
                - type: acc_norm
                  value: [1, 2]
                source:
                  name: Board
                  url: https://example.com
            ---
            """);

        Assert.Empty(card.Issues);
        Assert.Equal(2, card.Evaluations.Count);
        var first = card.Evaluations[0];
        Assert.Equal(("my-model", "text-generation", "ai2_arc", "ARC", "challenge", "test"), (first.Model, first.TaskType, first.DatasetType, first.DatasetName, first.DatasetConfig, first.DatasetSplit));
        Assert.Equal(("acc", "Accuracy", true, "Board", 64.59), (first.MetricType, first.MetricName, first.Verified, first.SourceName, first.Value!.GetValue<double>()));
        Assert.Equal("[1,2]", card.Evaluations[1].Value!.ToJsonString());
    }

    [Theory]
    [InlineData("license: made-up", "license", CardSeverity.Warning, 2, 10)]
    [InlineData("license: other", "license", CardSeverity.Warning, 2, 10)]
    [InlineData("pipeline_tag: dreaming", "pipeline_tag", CardSeverity.Warning, 2, 15)]
    [InlineData("pipeline_tag: [text-generation]", "pipeline_tag", CardSeverity.Error, 2, 15)]
    [InlineData("tags:\n  a: b", "tags", CardSeverity.Error, 3, 3)]
    [InlineData("tags: [[a]]", "tags", CardSeverity.Error, 2, 7)]
    [InlineData("base_model: not-a-name", "base_model", CardSeverity.Warning, 2, 13)]
    [InlineData("base_model_relation: cousin", "base_model_relation", CardSeverity.Error, 2, 22)]
    [InlineData("new_version: nowhere", "new_version", CardSeverity.Error, 2, 14)]
    [InlineData("language: English", "language", CardSeverity.Warning, 2, 11)]
    [InlineData("extra_gated_fields: x", "extra_gated_fields", CardSeverity.Error, 2, 21)]
    [InlineData("extra_gated_fields:\n  A: telepathy", "extra_gated_fields.A", CardSeverity.Error, 3, 6)]
    [InlineData("extra_gated_fields:\n  A:\n    type: select", "extra_gated_fields.A", CardSeverity.Error, 4, 5)]
    [InlineData("extra_gated_fields:\n  A:\n    options: [x]", "extra_gated_fields.A.type", CardSeverity.Error, 4, 5)]
    [InlineData("extra_gated_fields:\n  A:\n    type: select\n    options: [x, [y]]", "extra_gated_fields.A.options", CardSeverity.Error, 5, 14)]
    [InlineData("extra_gated_fields:\n  \"\": text", "extra_gated_fields.", CardSeverity.Error, 3, 7)]
    [InlineData("extra_gated_eu_disallowed: perhaps", "extra_gated_eu_disallowed", CardSeverity.Error, 2, 28)]
    [InlineData("model-index: x", "model-index", CardSeverity.Error, 2, 14)]
    [InlineData("model-index:\n- name: x\n  results:\n  - dataset: {type: a, name: b}", "model-index[0].results[0].task", CardSeverity.Error, 5, 5)]
    [InlineData("model-index:\n- results:\n  - task: {type: t}\n    dataset: {type: a}\n    metrics: []", "model-index[0].results[0].dataset.name", CardSeverity.Error, 5, 14)]
    [InlineData("model-index:\n- results:\n  - task: {type: t}\n    dataset: {type: a, name: b}\n    metrics: [{type: m}]", "model-index[0].results[0].metrics[0].value", CardSeverity.Error, 6, 15)]
    [InlineData("a: 1\nb: 2\na: 3", "a", CardSeverity.Error, 4, 1)]
    [InlineData("x: {a: 1, a: 2}", "x.a", CardSeverity.Error, 2, 11)]
    [InlineData("? [a]\n: b", "", CardSeverity.Error, 2, 3)]
    [InlineData("a: *nothing", "a", CardSeverity.Error, 2, 4)]
    [InlineData("a: &x [*x]", "a[0]", CardSeverity.Error, 2, 8)]
    [InlineData("- a", "", CardSeverity.Error, 2, 1)]
    [InlineData("just text", "", CardSeverity.Error, 2, 1)]
    [InlineData("a: [1, 2", "", CardSeverity.Error, 3, 1)]
    [InlineData("x: [a: b\nc", "", CardSeverity.Error, 2, 1)]
    [InlineData("a: b: c", "", CardSeverity.Error, 2, 5)]
    [InlineData("a: \"unterminated", "", CardSeverity.Error, 2, 4)]
    public void Issue_SaysWhatAndWhere(string yaml, string field, CardSeverity severity, int line, int column)
    {
        var issue = Assert.Single(ModelCard.Parse($"---\n{yaml}\n---\nbody\n").Issues);

        Assert.Equal((field, severity, line, column), (issue.Field, issue.Severity, issue.Line, issue.Column));
        Assert.NotEmpty(issue.Message);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("# Only a body\n", "# Only a body\n")]
    [InlineData("---\n---\nbody", "body")]
    [InlineData("---\n# nothing\n---\nbody", "body")]
    [InlineData("---\nnull\n---\nbody", "body")]
    [InlineData("\uFEFF---\r\nlicense: mit\r\n---\r\nbody\r\n", "body\r\n")]
    [InlineData("\n\n--- \nlicense: mit\n---  \nbody", "body")]
    [InlineData("---\nlicense: mit\n---", "")]
    [InlineData("----\nno front matter", "----\nno front matter")]
    public void FrontMatter_IsPartedFromTheBody(string text, string body)
    {
        var card = ModelCard.Parse(text);

        Assert.Empty(card.Issues);
        Assert.Equal(body, card.Body);
        Assert.Equal(text.Contains("mit", StringComparison.Ordinal) ? "mit" : null, card.License);
    }

    [Fact]
    public void FrontMatter_WithoutEnd_IsAnErrorAndAllIsBody()
    {
        var card = ModelCard.Parse("---\nlicense: mit\n");

        Assert.True(card.HasErrors);
        Assert.Equal("---\nlicense: mit\n", card.Body);
    }

    [Fact]
    public void Issue_BehindLeadingLines_CountsThem() => Assert.Equal(4, Assert.Single(ModelCard.Parse("\n\n---\nlicense: nope\n---\n").Issues).Line);

    [Theory]
    [InlineData("yes", "\"yes\"")]
    [InlineData("no", "\"no\"")]
    [InlineData("true", "true")]
    [InlineData("'true'", "\"true\"")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("12", "12")]
    [InlineData("-1.5e3", "-1500")]
    [InlineData("1_000", "\"1_000\"")]
    [InlineData(".nan", "\".nan\"")]
    [InlineData("1e999", "\"1e999\"")]
    [InlineData("2024-01-01", "\"2024-01-01\"")]
    [InlineData("!!str 12", "\"12\"")]
    [InlineData("&x [1]", "[1]")]
    [InlineData("|\n  two\n  lines", "\"two\\nlines\\n\"")]
    public void Value_HasItsYamlType(string yaml, string json) => Assert.Equal(json, ModelCard.Parse($"---\na: {yaml}\n---\n").Metadata["a"]?.ToJsonString() ?? "null");

    [Fact]
    public void Alias_StandsForItsAnchor()
    {
        var card = ModelCard.Parse("---\nx: &t [a, b]\ntags: *t\ny: *t\n---\n");

        Assert.Empty(card.Issues);
        Assert.Equal(["a", "b"], card.Tags);
        Assert.Equal("""{"x":["a","b"],"tags":["a","b"],"y":["a","b"]}""", card.Metadata.ToJsonString());
    }

    [Fact]
    public void AliasBomb_IsRefused()
    {
        var yaml = new StringBuilder("---\nl0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for (var level = 1; level < 30; level++)
        {
            yaml.Append(null, $"l{level}: &l{level} [{string.Join(", ", Enumerable.Repeat($"*l{level - 1}", 10))}]\n");
        }

        AssertBounded(yaml.Append("---\n").ToString());
    }

    [Fact]
    public void AliasBomb_OfLongText_IsRefused() => AssertBounded($"---\na: &a {new string('x', 100_000)}\nb: [{string.Join(", ", Enumerable.Repeat("*a", 1000))}]\n---\n");

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("&a ")]
    [InlineData("!x ")]
    [InlineData("\"")]
    [InlineData("a: ")]
    [InlineData("* ")]
    [InlineData("%x\n")]
    public void Yaml_Endless_IsRefused(string part) => AssertBounded($"---\nx: {string.Concat(Enumerable.Repeat(part, 300_000 / part.Length))}\n---\n");

    [Fact]
    public void Yaml_OfTooManyValues_IsRefused() => AssertBounded($"---\nx: [{string.Join(',', Enumerable.Repeat("1", 200_000))}]\n---\n");

    [Fact]
    public void Card_TooLong_IsRefused() => AssertBounded(new string('x', ModelCard.MaximumLength + 1));

    private static void AssertBounded(string text)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var card = ModelCard.Parse(text);

        Assert.True(card.HasErrors);
        Assert.Empty(card.Metadata);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
    }
}
