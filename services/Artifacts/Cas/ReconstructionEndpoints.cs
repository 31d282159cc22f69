using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>How files are read by Xet clients: which chunks of which of their segments, and by which URLs.</summary>
internal sealed class ReconstructionEndpoints(CasDesk desk, ReadableFiles files, Reconstructor reconstructor, SegmentUrls urls)
{
    public Task GetV2Async(HttpContext context) => ReconstructAsync(context, CasJson.Default.ReconstructionV2, (offset, terms, address, file) => new ReconstructionV2(
        offset, Terms(terms), terms.ToDictionary(term => term.Name, term => ManyRanges(address, file, term.Term))));

    public Task GetV1Async(HttpContext context) => ReconstructAsync(context, CasJson.Default.ReconstructionV1, (offset, terms, address, file) => new ReconstructionV1(
        offset, Terms(terms), terms.ToDictionary(term => term.Name, term => RangeByRange(address, file, term.Term))));

    public Task GetManyAsync(HttpContext context) =>
        ReconstructManyAsync(context, () => Task.FromResult<IReadOnlyList<string?>>([.. context.Request.Query["file_id"]]));

    public Task PostManyAsync(HttpContext context) => ReconstructManyAsync(context, () => ReadHashesAsync(context));

    /// <summary>A file's length.</summary>
    public async Task HeadFileAsync(HttpContext context)
    {
        var access = desk.Admit(context, write: false);
        context.Response.ContentLength = (await files.FindAsync(access, CasDesk.HashOf(context), context.RequestAborted)).OrThrow().Layout.Size;
    }

    private async Task ReconstructAsync<T>(HttpContext context, JsonTypeInfo<T> type, Func<long, IReadOnlyList<NamedTerm>, SegmentAddress, XetHash, T> say)
    {
        var access = desk.Admit(context, write: false);
        var file = (await files.FindAsync(access, CasDesk.HashOf(context), context.RequestAborted)).OrThrow();
        if (RangeOf(context.Request, file.Layout) is not { } range)
        {
            context.Response.Headers.ContentRange = $"bytes */{file.Layout.Size}";
            await HubErrors.WriteAsync(context, CasErrors.BeyondTheEnd(file.Layout.Size), StatusCodes.Status416RangeNotSatisfiable);
            return;
        }

        var found = (await reconstructor.OfAsync(file, range.First, range.Last, CasLimits.TermsOfAnAnswer, context.RequestAborted)).OrThrow();
        var (address, hash) = (desk.AddressOf(context, access), file.Layout.Hash);
        await context.Response.WriteAsJsonAsync(say(found.Offset, Named(found, address, hash), address, hash), type, cancellationToken: context.RequestAborted);
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

        var (address, room) = (desk.AddressOf(context, access), CasLimits.TermsOfAnAnswer);
        var (terms, fetches) = (new Dictionary<string, IReadOnlyList<TermJson>>(), new Dictionary<string, IReadOnlyList<FetchJson>>());
        foreach (var hash in hashes)
        {
            var file = (await files.FindAsync(access, hash, context.RequestAborted)).OrThrow();
            var found = (await reconstructor.OfAsync(file, 0, file.Layout.Size - 1, room, context.RequestAborted)).OrThrow();
            room -= found.Terms.Count;
            var named = Named(found, address, hash);
            terms.Add(hash.ToString(), Terms(named));
            foreach (var (name, term) in named)
            {
                fetches.Add(name, RangeByRange(address, hash, term));
            }
        }

        await context.Response.WriteAsJsonAsync(new ReconstructionBatch(terms, fetches), CasJson.Default.ReconstructionBatch, cancellationToken: context.RequestAborted);
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

    private IReadOnlyList<XorbFetchJson> ManyRanges(SegmentAddress address, XetHash file, ReconstructionTerm term) =>
        [new(urls.Sign(address, file, term), [new(term.Chunks, term.Sent)])];

    private IReadOnlyList<FetchJson> RangeByRange(SegmentAddress address, XetHash file, ReconstructionTerm term) => [new(term.Chunks, urls.Sign(address, file, term), term.Sent)];

    private IReadOnlyList<NamedTerm> Named(Reconstruction found, SegmentAddress address, XetHash file) =>
        [.. found.Terms.Select(term => new NamedTerm(urls.NameOf(address, file, term.Segment), term))];

    private static IReadOnlyList<TermJson> Terms(IReadOnlyList<NamedTerm> terms) => [.. terms.Select(term => new TermJson(term.Name, term.Term.Length, term.Term.Chunks))];

    private readonly record struct NamedTerm(string Name, ReconstructionTerm Term);
}
