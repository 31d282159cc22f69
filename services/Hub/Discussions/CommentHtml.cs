using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Markdown;

namespace ModelGarden.Hub.Discussions;

/// <summary>What people have written, as HTML: of one answer, whose texts share what rendering may cost.</summary>
internal sealed class CommentHtml(HubRequest request)
{
    private const string Revision = "main";
    private readonly RepositoryLinks _links = new(RepositoryPaths.PageOf(request.Kind, request.Repository), Revision);
    private readonly MarkdownBudget _budget = new();

    public string Of(string text) => SafeMarkdown.Render(text, _links, _budget, request.Cancel).Html;
}
