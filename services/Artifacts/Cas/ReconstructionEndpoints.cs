using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>How files are read by Xet clients: which chunks of which xorbs, and by which URLs.</summary>
internal sealed class ReconstructionEndpoints(CasDesk desk, FileLayouts layouts, Xorbs xorbs, StoredFiles files, CommitFiles commits, XorbUrls urls)
{
    private const int MaximumFiles = 1000;
    private const int LongestBatch = 1 << 20;

    public Task GetV2Async(HttpContext context) => ReconstructAsync(context, CasJson.Default.ReconstructionV2, (found, address) => new ReconstructionV2(
        found.Offset, Terms(found), found.Fetches().ToDictionary(fetch => fetch.Xorb.Hash.ToString(), fetch => urls.ManyRanges(address, fetch.Xorb, fetch.Ranges))));

    public Task GetV1Async(HttpContext context) => ReconstructAsync(context, CasJson.Default.ReconstructionV1, (found, address) => new ReconstructionV1(
        found.Offset, Terms(found), found.Fetches().ToDictionary(fetch => fetch.Xorb.Hash.ToString(), fetch => urls.RangeByRange(address, fetch.Xorb, fetch.Ranges))));

    public async Task GetManyAsync(HttpContext context) =>
        await ReconstructManyAsync(context, [.. context.Request.Query["file_id"].Select(text => XetHash.Create(text).OrThrow())]);

    public async Task PostManyAsync(HttpContext context)
    {
        var body = await CasDesk.ReadAsync(context, LongestBatch, CasErrors.NoFiles);
        BatchKey[] keys;
        try
        {
            keys = JsonSerializer.Deserialize(body.Span, CasJson.Default.BatchKeyArray) ?? [];
        }
        catch (JsonException)
        {
            keys = [];
        }

        await ReconstructManyAsync(context, [.. keys.Select(key => XetHash.Create(key.Hash).OrThrow())]);
    }

    /// <summary>A file's length.</summary>
    public async Task HeadFileAsync(HttpContext context)
    {
        var access = desk.Admit(context, write: false);
        context.Response.ContentLength = (await LayoutAsync(access, CasDesk.HashOf(context), context.RequestAborted)).Size;
    }

    private async Task ReconstructAsync<T>(HttpContext context, JsonTypeInfo<T> type, Func<Reconstruction, XorbAddress, T> say)
    {
        var access = desk.Admit(context, write: false);
        var layout = await LayoutAsync(access, CasDesk.HashOf(context), context.RequestAborted);
        var range = ByteRanges.Read(context.Request.Headers.Range.ToString(), layout.Size);
        if (range is [] && layout.Size > 0)
        {
            context.Response.Headers.ContentRange = $"bytes */{layout.Size}";
            context.Response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            return;
        }

        // Several ranges are of no protocol here: all is given.
        var (first, last) = range is [var one] ? (one.First, one.Last) : (0, layout.Size - 1);
        var found = Reconstruction.Of(await TermsAsync(layout, context.RequestAborted), first, last);
        await context.Response.WriteAsJsonAsync(say(found, desk.AddressOf(context, access)), type, cancellationToken: context.RequestAborted);
    }

    private async Task ReconstructManyAsync(HttpContext context, IReadOnlyCollection<XetHash> hashes)
    {
        var access = desk.Admit(context, write: false);
        if (hashes.Count is 0 or > MaximumFiles)
        {
            throw new ErrorException(CasErrors.NoFiles);
        }

        var (terms, all) = (new Dictionary<string, IReadOnlyList<TermJson>>(), new List<ReconstructionTerm>());
        foreach (var hash in hashes)
        {
            var found = await TermsAsync(await LayoutAsync(access, hash, context.RequestAborted), context.RequestAborted);
            terms[hash.ToString()] = Terms(new(0, found));
            all.AddRange(found);
        }

        var address = desk.AddressOf(context, access);
        var fetches = new Reconstruction(0, all).Fetches().ToDictionary(fetch => fetch.Xorb.Hash.ToString(), fetch => urls.RangeByRange(address, fetch.Xorb, fetch.Ranges));
        await context.Response.WriteAsJsonAsync(new(terms, fetches), CasJson.Default.ReconstructionBatch, cancellationToken: context.RequestAborted);
    }

    /// <summary>Not found: also what the token does not read, whoever else has it.</summary>
    private async Task<FileLayout> LayoutAsync(XetAccess access, XetHash hash, CancellationToken cancellationToken)
    {
        var digest = await layouts.DigestOfAsync(hash, cancellationToken) ?? throw new ErrorException(CasErrors.FileNotFound(hash));
        var file = await commits.HasAsync(access.Repository, access.Commit, digest.Hex, cancellationToken) ? await files.FindAsync(digest, cancellationToken) : null;
        if (file is null || await layouts.FindAsync(digest, cancellationToken) is not { } layout)
        {
            throw new ErrorException(CasErrors.FileNotFound(hash));
        }

        return file.Verdict is Verdict.Clean || access.AllowUnclean ? layout : throw new ErrorException(ArtifactsErrors.NotClean(file));
    }

    private async Task<IReadOnlyList<ReconstructionTerm>> TermsAsync(FileLayout layout, CancellationToken cancellationToken)
    {
        var terms = new List<ReconstructionTerm>(layout.Terms.Count);
        foreach (var term in layout.Terms)
        {
            var xorb = await xorbs.FindAsync(term.Xorb, cancellationToken) ?? throw new FileNotFoundException($"xorb {term.Xorb} of file {layout.Hash} is not in the database");
            terms.Add(new(xorb, new(term.First, term.End)));
        }

        return terms;
    }

    private static IReadOnlyList<TermJson> Terms(Reconstruction found) => [.. found.Terms.Select(term => new TermJson(term.Xorb.Hash.ToString(), term.Length, term.Chunks))];
}
