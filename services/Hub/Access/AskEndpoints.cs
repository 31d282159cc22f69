using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Access;

/// <summary>For who wants access to a gated repository: what he is asked, and his request.</summary>
internal sealed class AskEndpoints(Garden garden) : IEndpoints
{
    private const string Ask = "/{prefix}/{ns}/{name}/ask-access";
    private const string FormType = "application/x-www-form-urlencoded";

    public IEnumerable<HubRoute> Routes => [new("GET", Ask, ShowAsync), new("POST", Ask, AskAsync)];

    private async Task ShowAsync(HubRequest request)
    {
        var found = await FormAsync(request);
        var own = request.Caller.IsAnonymous ? null
            : (await garden.Entitlement.ListOwnAccessRequestsAsync(new() { RepositoryId = found.Repository.Id }, cancellationToken: request.Cancel)).Requests.FirstOrDefault();
        await request.Http.WriteJsonAsync(AccessJson.OfForm(found, own));
    }

    private async Task AskAsync(HubRequest request)
    {
        if (request.Caller.IsAnonymous)
        {
            throw new ErrorException(Error.Unauthenticated("SIGN_IN", "asking for access needs a token: send 'Authorization: Bearer hf_garden_…'"));
        }

        var found = await FormAsync(request);
        var wanted = new RequestAccessRequest { Resource = Resource.Of(found.Repository), Form = found.Form, Fields = { await AnswersAsync(request.Http, found.Form) } };
        var account = await garden.IdentityAsHub.GetAccountAsync(new() { Name = request.Caller.Principal.Name }, cancellationToken: request.Cancel);
        (wanted.FullName, wanted.Email) = (account.DisplayName, account.Email);
        await request.Http.WriteJsonAsync(AccessJson.OfAsker(await garden.Entitlement.RequestAccessAsync(wanted, cancellationToken: request.Cancel)));
    }

    private async Task<GetAccessFormResponse> FormAsync(HubRequest request) =>
        await garden.Catalog.GetAccessFormAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel);

    /// <summary>A web form's fields, or those of a JSON object.</summary>
    private static async Task<Dictionary<string, string>> AnswersAsync(HttpContext http, AccessForm form)
    {
        var answers = http.Request.ContentType?.StartsWith(FormType, StringComparison.OrdinalIgnoreCase) is true ? OfForm(await http.ReadBytesAsync())
            : http.Request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) is true ? throw new ErrorException(Error.Invalid("BAD_BODY", $"the body is a form of several parts: send it as {FormType}, or as JSON"))
            : OfJson(await http.ReadJsonAsync());
        foreach (var box in form.Fields.Where(field => field.Type is "checkbox" && answers.GetValueOrDefault(field.Name) is "on" or "1" or "True"))
        {
            // As browsers and older clients say that it is ticked.
            answers[box.Name] = "true";
        }

        return answers;
    }

    private static Dictionary<string, string> OfForm(byte[] body) =>
        QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body)).ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.Ordinal);

    private static Dictionary<string, string> OfJson(JsonFields body) => body.Names().ToDictionary(
        name => name,
        name => body.Find(name) switch
        {
            null or { ValueKind: JsonValueKind.False } => "",
            { ValueKind: JsonValueKind.True } => "true",
            _ => body.OptionalText(name) ?? "",
        },
        StringComparer.Ordinal);
}
