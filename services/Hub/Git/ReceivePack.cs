using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Errors;
using ModelGarden.Hub.Remembering;
using ModelGarden.Hub.Routing;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Git;

/// <summary>Takes a push: reads its pack, hands its objects to Catalog, and tells git what came of each ref.</summary>
internal sealed class ReceivePack(Garden garden, OwnChanges own, HubRequest request, SemaphoreSlim turns, PackSpace space)
{
    private const int BatchSize = 1000;
    private const int BatchBytes = 1 << 20;

    public async Task AnswerAsync(Stream body)
    {
        var commands = await PushCommands.ReadAsync(new(body), request.Cancel);
        if (commands.Updates.Count is 0)
        {
            // By an empty request git tries whether it may send.
            return;
        }

        var (unpacked, results) = await TakeAsync(commands, body);
        if (commands.Capabilities.Contains("report-status"))
        {
            await ReportAsync(unpacked, results, commands.Capabilities.Contains("side-band-64k"));
        }
    }

    private async Task<(string Unpacked, IEnumerable<RefResult> Results)> TakeAsync(PushCommands commands, Stream body)
    {
        try
        {
            using var pack = commands.HasPack ? await PackFile.ReceiveAsync(body, space, request.Cancel) : null;
            // Each holds objects in memory on its way to Catalog.
            await turns.WaitAsync(request.Cancel);
            try
            {
                return ("ok", (await PushAsync(commands, pack)).Results);
            }
            finally
            {
                turns.Release();
            }
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.InvalidArgument or ErrorCode.ResourceExhausted or ErrorCode.Conflict or ErrorCode.Unavailable)
        {
            var words = $"{exception.Error.Reason}: {exception.Error.Message}";
            return (words, commands.Updates.Select(update => new RefResult { Name = update.Name, Refusal = words }));
        }
    }

    private Task<PushResponse> PushAsync(PushCommands commands, PackFile? pack) => new CatalogPush(garden, own, request).RunAsync(
        StartOf(commands, pack),
        requests => pack is null ? Task.CompletedTask : SendAsync(requests, new PackResolver(pack, ids => ReadAsync(ids, request.Cancel))));

    private PushStart StartOf(PushCommands commands, PackFile? pack) => new()
    {
        Name = request.Repository,
        Kind = request.Kind,
        Updates = { commands.Updates },
        Atomic = commands.Capabilities.Contains("atomic"),
        Objects = pack?.Entries.Count ?? 0,
        Bytes = pack?.Content ?? 0,
    };

    private async Task SendAsync(IClientStreamWriter<PushRequest> requests, PackResolver objects)
    {
        var (batch, bytes) = (new GitObjects(), 0);
        await foreach (var one in objects.ResolveAsync(request.Cancel))
        {
            batch.Objects.Add(one);
            bytes += one.Content.Length;
            if (bytes >= BatchBytes || batch.Objects.Count >= BatchSize)
            {
                await requests.WriteAsync(new() { Objects = batch }, request.Cancel);
                (batch, bytes) = (new(), 0);
            }
        }

        if (batch.Objects.Count > 0)
        {
            await requests.WriteAsync(new() { Objects = batch }, request.Cancel);
        }
    }

    private async IAsyncEnumerable<GitObject> ReadAsync(IReadOnlyList<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = garden.Catalog.ReadObjects(new() { Name = request.Repository, Kind = request.Kind, Ids = { ids } }, cancellationToken: cancellationToken);
        while (await NextAsync(call.ResponseStream, cancellationToken) is { } part)
        {
            foreach (var one in part.Objects)
            {
                yield return one;
            }
        }
    }

    private static async Task<ReadObjectsResponse?> NextAsync(IAsyncStreamReader<ReadObjectsResponse> parts, CancellationToken cancellationToken)
    {
        try
        {
            return await parts.MoveNext(cancellationToken) ? parts.Current : null;
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ErrorException(exception.ToError(ServiceNames.Catalog), exception);
        }
    }

    private async Task ReportAsync(string unpacked, IEnumerable<RefResult> results, bool isBanded)
    {
        var pipe = new Pipe(new(pauseWriterThreshold: 0));
        var report = new PktWriter(pipe.Writer);
        report.Line($"unpack {unpacked}");
        foreach (var result in results)
        {
            report.Line(result.Refusal.Length is 0 ? $"ok {result.Name}" : $"ng {result.Name} {result.Refusal.ReplaceLineEndings(" ")}");
        }

        report.Flush();
        await pipe.Writer.CompleteAsync();
        using var bytes = new MemoryStream();
        await pipe.Reader.CopyToAsync(bytes, request.Cancel);
        var output = new PktWriter(request.Http.Response.BodyWriter);
        if (isBanded)
        {
            output.Band(1, bytes.ToArray());
            output.Flush();
            await output.SendAsync(true, request.Cancel);
        }
        else
        {
            await request.Http.Response.Body.WriteAsync(bytes.ToArray(), request.Cancel);
        }
    }
}
