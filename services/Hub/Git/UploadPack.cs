using System.Text;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Errors;
using ModelGarden.Hub.Files;
using ModelGarden.Hub.Routing;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Git;

/// <summary>Answers the commands of a fetch (<see href="https://git-scm.com/docs/protocol-v2"/>). It keeps nothing between requests.</summary>
internal sealed class UploadPack(Garden garden, Gate gate, HubRequest request)
{
    private const string Main = "refs/heads/main";
    private readonly PktWriter _lines = new(request.Http.Response.BodyWriter);

    /// <summary>What this side can do.</summary>
    public static void Advertise(PktWriter lines)
    {
        foreach (var line in new[] { "version 2", GitEndpoints.Agent, "ls-refs=unborn", "fetch=shallow wait-for-done", "object-format=sha1" })
        {
            lines.Line(line);
        }

        lines.Flush();
    }

    public async Task AnswerAsync(GitCommand command)
    {
        switch (command.Name)
        {
            case "ls-refs":
                await ListRefsAsync(command.Arguments);
                break;
            case "fetch":
                await FetchAsync(FetchRequest.Read(command.Arguments));
                break;
            default:
                throw PktReader.Bad($"command '{Text.Shorten(command.Name)}' is not known: ls-refs and fetch are");
        }

        await _lines.SendAsync(true, request.Cancel);
    }

    private async Task ListRefsAsync(IReadOnlyList<string> arguments)
    {
        var refs = (await garden.Catalog.ListRefsAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel)).Refs;
        var prefixes = arguments.Where(one => one.StartsWith("ref-prefix ", StringComparison.Ordinal)).Select(one => one["ref-prefix ".Length..]).ToList();
        var (peels, links) = (arguments.Contains("peel"), arguments.Contains("symrefs") ? $" symref-target:{Main}" : "");
        bool IsWanted(string name) => prefixes.Count is 0 || prefixes.Exists(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
        if (IsWanted("HEAD") && refs.FirstOrDefault(one => one.Name is Main) is { } main)
        {
            _lines.Line($"{main.Commit} HEAD{links}");
        }
        else if (IsWanted("HEAD") && arguments.Contains("unborn"))
        {
            _lines.Line($"unborn HEAD{links}");
        }

        foreach (var one in refs.Where(one => IsWanted(one.Name)))
        {
            _lines.Line(one.Tag.Length is 0 ? $"{one.Commit} {one.Name}" : $"{one.Tag} {one.Name}{(peels ? $" peeled:{one.Commit}" : "")}");
            await _lines.SendAsync(false, request.Cancel);
        }

        _lines.Flush();
    }

    private async Task FetchAsync(FetchRequest fetch)
    {
        var wanted = fetch.Pack;
        (wanted.Name, wanted.Kind) = (request.Repository, request.Kind);
        if (wanted.Wants.Count is 0)
        {
            _lines.Flush();
            return;
        }

        wanted.Haves.AddRange(fetch.Haves);
        var common = fetch.IsDone || fetch.Haves.Count is 0 ? null : await garden.Catalog.FindCommonAsync(
            new() { Name = request.Repository, Kind = request.Kind, Wants = { wanted.Wants }, Haves = { fetch.Haves } }, cancellationToken: request.Cancel);
        if (common is not null && (!common.Ready || fetch.WaitsForDone))
        {
            Acknowledge(common);
            _lines.Flush();
            return;
        }

        await SendPackAsync(fetch, common);
    }

    /// <summary>Says what both sides have.</summary>
    private void Acknowledge(FindCommonResponse found)
    {
        _lines.Line("acknowledgments");
        foreach (var common in found.Common)
        {
            _lines.Line($"ACK {common}");
        }

        if (found.Common.Count is 0)
        {
            _lines.Line("NAK");
        }
    }

    private async Task SendPackAsync(FetchRequest fetch, FindCommonResponse? common)
    {
        using var call = garden.Catalog.ReadPack(fetch.Pack, cancellationToken: request.Cancel);
        var parts = call.ResponseStream;
        if (await NextAsync(parts) is not { Start: { } start })
        {
            throw new InvalidDataException("a pack without a start");
        }

        foreach (var revision in start.Revisions)
        {
            await gate.PassAsync(request, Resource.Of(start.Described, revision));
        }

        // From here on nothing is refused any more: what is said before would be in the way of an error.
        if (common is not null)
        {
            Acknowledge(common);
            _lines.Line("ready");
            _lines.Delimiter();
        }

        Describe(fetch, start);
        _lines.Line("packfile");
        if (!fetch.IsQuiet)
        {
            _lines.Band(2, Encoding.UTF8.GetBytes($"Sending {start.Objects} objects\n"));
        }

        try
        {
            await SendObjectsAsync(parts, start.Objects);
        }
        catch (Exception exception) when (exception is ErrorException or InvalidDataException)
        {
            _lines.Band(3, Encoding.UTF8.GetBytes($"{exception.Message}\n"));
        }

        _lines.Flush();
    }

    private void Describe(FetchRequest fetch, PackStart start)
    {
        if (start.Shallow.Count is 0 && start.Unshallow.Count is 0 && !fetch.IsDeepening)
        {
            return;
        }

        _lines.Line("shallow-info");
        foreach (var id in start.Shallow)
        {
            _lines.Line($"shallow {id}");
        }

        foreach (var id in start.Unshallow)
        {
            _lines.Line($"unshallow {id}");
        }

        _lines.Delimiter();
    }

    private async Task SendObjectsAsync(IAsyncStreamReader<ReadPackResponse> parts, long expected)
    {
        using var pack = new PackWriter(_lines);
        pack.Begin(expected);
        var sent = 0L;
        while (await NextAsync(parts) is { } part)
        {
            foreach (var one in part.Objects?.Objects ?? [])
            {
                pack.Add(one);
                sent++;
                await _lines.SendAsync(false, request.Cancel);
            }
        }

        if (sent != expected)
        {
            throw new InvalidDataException($"{sent} of {expected} objects came: the repository was changed meanwhile, fetch again");
        }

        pack.End();
    }

    private async Task<ReadPackResponse?> NextAsync(IAsyncStreamReader<ReadPackResponse> parts)
    {
        try
        {
            return await parts.MoveNext(CancellationToken.None) ? parts.Current : null;
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.Cancelled && request.Cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(exception.Status.Detail, exception, request.Cancel);
        }
        catch (RpcException exception)
        {
            throw new ErrorException(exception.ToError(ServiceNames.Catalog), exception);
        }
    }
}
