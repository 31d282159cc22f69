using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Files;
using ModelGarden.Hub.Remembering;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Git;

/// <summary>The git remote of every repository, over smart HTTP (<see href="https://git-scm.com/docs/http-protocol"/>): fetches by protocol 2, pushes as ever.</summary>
internal sealed class GitEndpoints(Garden garden, OwnChanges own, Gate gate) : IEndpoints, IDisposable
{
    public const string Agent = "agent=modelgarden";
    private const string Upload = "git-upload-pack";
    private const string Receive = "git-receive-pack";
    private const long MaximumFetch = 8 << 20;
    private const int MaximumPushes = 4;
    private readonly PackSpace _space = new();
    private readonly SemaphoreSlim _turns = new(MaximumPushes, MaximumPushes);

    // With and without ".git", which git takes for the same.
    public IEnumerable<HubRoute> Routes => [.. Below("/{prefix}/{ns}/{name}.git"), .. Below("/{prefix}/{ns}/{name}")];

    public void Dispose() => _turns.Dispose();

    private IEnumerable<HubRoute> Below(string page) =>
    [
        new("GET", $"{page}/info/refs", request => ServeAsync(request, AdvertiseAsync)),
        new("POST", $"{page}/{Upload}", request => ServeAsync(request, FetchAsync)),
        new("POST", $"{page}/{Receive}", request => ServeAsync(request, PushAsync)),
    ];

    private async Task AdvertiseAsync(HubRequest request)
    {
        var service = request.QueryText("service");
        if (service is not (Upload or Receive))
        {
            throw new RefusalException(new(403, null, "this garden speaks git's smart protocol only: use git 1.6.6 or newer"));
        }

        await AllowAsync(request, service is Receive);
        var lines = Begin(request, $"application/x-{service}-advertisement");
        lines.Line($"# service={service}");
        lines.Flush();
        if (service is Receive)
        {
            await AdvertiseRefsAsync(request, lines);
        }
        else if (SpeaksTwo(request))
        {
            UploadPack.Advertise(lines);
        }
        else
        {
            TellOld(lines);
        }

        await lines.SendAsync(true, request.Cancel);
    }

    private async Task FetchAsync(HubRequest request)
    {
        using var body = GitBody.Open(request.Http, MaximumFetch);
        var command = await GitCommand.ReadAsync(new(body), request.Cancel);
        await AllowAsync(request, false);
        var lines = Begin(request, $"application/x-{Upload}-result");
        if (command is null)
        {
            return;
        }

        if (!SpeaksTwo(request))
        {
            TellOld(lines);
            await lines.SendAsync(true, request.Cancel);
            return;
        }

        await new UploadPack(garden, gate, request).AnswerAsync(command);
    }

    private async Task PushAsync(HubRequest request)
    {
        await AllowAsync(request, true);
        using var body = GitBody.Open(request.Http, PackFile.MaximumPack);
        _ = Begin(request, $"application/x-{Receive}-result");
        await new ReceivePack(garden, own, request, _turns, _space).AnswerAsync(body);
    }

    /// <summary>Who may know of the repository, and write to it; said before anything is sent.</summary>
    private async Task AllowAsync(HubRequest request, bool isWriting)
    {
        var repository = await garden.Catalog.GetRepositoryAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel);
        if (isWriting)
        {
            Ownership.Check(request, repository.Name);
        }
    }

    private async Task AdvertiseRefsAsync(HubRequest request, PktWriter lines)
    {
        var refs = (await garden.Catalog.ListRefsAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel)).Refs;
        var capabilities = $"\0{PushCommands.Offered} {Agent}";
        if (refs.Count is 0)
        {
            lines.Line($"{PushCommands.ZeroId} capabilities^{{}}{capabilities}");
        }

        foreach (var (i, one) in refs.Index())
        {
            lines.Line($"{(one.Tag.Length > 0 ? one.Tag : one.Commit)} {one.Name}{(i is 0 ? capabilities : "")}");
        }

        lines.Flush();
    }

    private static PktWriter Begin(HubRequest request, string contentType)
    {
        var response = request.Http.Response;
        response.ContentType = contentType;
        response.Headers.CacheControl = "no-cache, max-age=0, must-revalidate";
        return new(response.BodyWriter);
    }

    private static bool SpeaksTwo(HubRequest request) => request.Http.Request.Headers["Git-Protocol"].ToString().Split(':').Contains("version=2");

    private static void TellOld(PktWriter lines) =>
        lines.Data(Encoding.UTF8.GetBytes("ERR this garden gives repositories by version 2 of git's protocol: use git 2.26 or newer, or 'git -c protocol.version=2'"));

    /// <summary>Says no in git's words: who has not signed in is asked to, and what is wrong with a fetch stands in its answer, since git shows no other.</summary>
    private static async Task ServeAsync(HubRequest request, Func<HubRequest, Task> handle)
    {
        try
        {
            await handle(request);
        }
        catch (Exception exception) when (!request.Http.Response.HasStarted && exception is ErrorException or RefusalException)
        {
            var refusal = exception is RefusalException { Refusal: var told } ? told : Refusal.From(((ErrorException)exception).Error, request.Caller.IsAnonymous);
            await RefuseAsync(request, refusal);
        }
    }

    private static async Task RefuseAsync(HubRequest request, Refusal refusal)
    {
        var http = request.Http;
        if (refusal.Status is not 401 && http.Request.Path.Value?.EndsWith(Upload, StringComparison.Ordinal) is true)
        {
            var lines = Begin(request, $"application/x-{Upload}-result");
            lines.Data(Encoding.UTF8.GetBytes($"ERR {refusal.Message}"));
            await lines.SendAsync(true, request.Cancel);
            return;
        }

        if (refusal.Status is 401)
        {
            http.Response.Headers.WWWAuthenticate = HubRouter.Challenge;
        }

        await http.WriteBytesAsync(Encoding.UTF8.GetBytes(refusal.Message + "\n"), refusal.Status, "text/plain; charset=utf-8");
    }
}
