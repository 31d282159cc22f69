using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>How files are read by Xet clients: which chunks of which xorbs, and by which URLs.</summary>
internal sealed class ReconstructionEndpoints(CasDesk desk, ReadableFiles files, Reconstructor reconstructor, XorbUrls urls)
{
    public Task GetV2Async(HttpContext context) => ReconstructAsync(context, CasJson.Default.ReconstructionV2, (found, address) => new ReconstructionV2(
        found.Offset, Terms(found), found.Fetches().ToDictionary(fetch => fetch.Xorb.ToString(), fetch => urls.ManyRanges(address, fetch))));

    public Task GetV1Async(HttpContext context) => ReconstructAsync(context, CasJson.Default.ReconstructionV1, (found, address) => new ReconstructionV1(
        found.Offset, Terms(found), RangeByRange(address, found.Fetches())));

    public Task GetManyAsync(HttpContext context) =>
        ReconstructManyAsync(context, () => Task.FromResult<IReadOnlyList<string?>>([.. context.Request.Query["file_id"]]));

    public Task PostManyAsync(HttpContext context) => ReconstructManyAsync(context, () => ReadHashesAsync(context));

    /// <summary>A file's length.</summary>
    public async Task HeadFileAsync(HttpContext context)
    {
        var access = desk.Admit(context, write: false);
        context.Response.ContentLength = (await files.FindAsync(access, CasDesk.HashOf(context), context.RequestAborted)).OrThrow().Size;
    }

    private async Task ReconstructAsync<T>(HttpContext context, JsonTypeInfo<T> type, Func<Reconstruction, XorbAddress, T> say)
    {
        var access = desk.Admit(context, write: false);
        var layout = (await files.FindAsync(access, CasDesk.HashOf(context), context.RequestAborted)).OrThrow();
        if (RangeOf(context.Request, layout) is not { } range)
        {
            context.Response.Headers.ContentRange = $"bytes */{layout.Size}";
            await HubErrors.WriteAsync(context, CasErrors.BeyondTheEnd(layout.Size), StatusCodes.Status416RangeNotSatisfiable);
            return;
        }

        var found = await reconstructor.OfAsync(layout, range.First, range.Last, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(say(found, desk.AddressOf(context, access)), type, cancellationToken: context.RequestAborted);
    }

    /// <summary>Null: it begins behind the file's end. All of the file where none is asked for, or several, which no protocol here has. An empty file has a beginning too.</summary>
    private static ByteRange? RangeOf(HttpRequest request, FileLayout layout) => ByteRanges.Read(request.Headers.Range.ToString(), Math.Max(layout.Size, 1)) switch
    {
        [] => null,
        [var one] => one with { Last = Math.Min(one.Last, layout.Size - 1) },
        _ => new(0, layout.Size - 1),
    };

    private async Task ReconstructManyAsync(HttpContext context, Func<Task<IReadOnlyList<string?>>> read)
    {
        var access = desk.Admit(context, write: false);
        var hashes = (await read()).Select(text => XetHash.Create(text).OrThrow()).Distinct().ToList();
        if (hashes.Count is 0 or > CasLimits.FilesOfABatch)
        {
            throw new ErrorException(CasErrors.NoFiles);
        }

        var found = new Dictionary<string, Reconstruction>();
        foreach (var hash in hashes)
        {
            var layout = (await files.FindAsync(access, hash, context.RequestAborted)).OrThrow();
            found[hash.ToString()] = await reconstructor.OfAsync(layout, 0, layout.Size - 1, context.RequestAborted);
        }

        var fetches = RangeByRange(desk.AddressOf(context, access), Reconstruction.FetchesOf(found.Values.SelectMany(file => file.Terms)));
        var answer = new ReconstructionBatch(found.ToDictionary(file => file.Key, file => Terms(file.Value)), fetches);
        await context.Response.WriteAsJsonAsync(answer, CasJson.Default.ReconstructionBatch, cancellationToken: context.RequestAborted);
    }

    private async Task<IReadOnlyList<string?>> ReadHashesAsync(HttpContext context)
    {
        var body = await desk.ReadAsync(context, CasLimits.Batch);
        try
        {
            return [.. (JsonSerializer.Deserialize(body.Span, CasJson.Default.BatchKeyArray) ?? []).Select(key => key?.Hash)];
        }
        catch (JsonException exception)
        {
            throw new ErrorException(CasErrors.NoFiles, exception);
        }
    }

    private Dictionary<string, IReadOnlyList<FetchJson>> RangeByRange(XorbAddress address, IEnumerable<XorbFetch> fetches) =>
        fetches.ToDictionary(fetch => fetch.Xorb.ToString(), fetch => urls.RangeByRange(address, fetch));

    private static IReadOnlyList<TermJson> Terms(Reconstruction found) => [.. found.Terms.Select(term => new TermJson(term.Xorb.ToString(), term.Length, term.Run.Chunks))];
}
