using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Garden;

/// <summary>What upstream said of files, in as many calls as it takes.</summary>
internal static class OriginLists
{
    // A request has at most a megabyte, of JSON, in which a letter may take six; what stands around a path and its digests is less than that.
    private const int MaximumWeight = 800_000;
    private const int AroundFile = 300;
    private const int LargestPage = 1000;

    // Those that the garden keeps as text, and reads to tell their digests, have a megabyte at most; it reads 256 of them in one call.
    private const long LargestText = 1 << 20;
    private const long MaximumTexts = 128 << 20;

    // As many as a repository has files, and as many that are gone.
    private const int MostFiles = 200_000;

    extension(GardenClient garden)
    {
        /// <summary>Records it; the garden holds each file against its own, or refuses all by the first that differs.</summary>
        public async Task<OriginRecord> RecordOriginAsync(ModelReference model, Source source, IEnumerable<OriginFile> files, CancellationToken cancellationToken)
        {
            var calls = Cut(files).ToList();
            var record = new OriginRecord();
            for (var i = 0; i < calls.Count; i++)
            {
                var request = new RecordOriginRequest { Name = model.Name.Value, Kind = model.Kind, Number = record.Number, More = i < calls.Count - 1, Files = { calls[i] } };
                if (i is 0)
                {
                    (request.Revision, request.Source) = (model.Revision, source);
                }

                record = await garden.RecordOriginAsync(request, cancellationToken);
            }

            return record;
        }

        /// <summary>What upstream said beside what is here, all pages.</summary>
        public Task<GetOriginResponse> ReadOriginAsync(GetOriginRequest request, CancellationToken cancellationToken) =>
            Pages.ReadAsync(MostFiles, LargestPage, (size, token) => garden.GetOriginAsync(new(request) { PageSize = size, PageToken = token }, cancellationToken));
    }

    private static IEnumerable<IReadOnlyList<OriginFile>> Cut(IEnumerable<OriginFile> files)
    {
        var (call, weight, texts) = (new List<OriginFile>(), 0, 0L);
        foreach (var file in files)
        {
            var (more, bytes) = (AroundFile + (6 * file.Path.Length), file.Size <= LargestText ? file.Size : 0);
            if (call.Count > 0 && (weight + more > MaximumWeight || texts + bytes > MaximumTexts))
            {
                yield return call;
                (call, weight, texts) = ([], 0, 0);
            }

            call.Add(file);
            (weight, texts) = (weight + more, texts + bytes);
        }

        yield return call;
    }
}
