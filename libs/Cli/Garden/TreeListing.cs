using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Garden;

/// <summary>All files of a revision.</summary>
internal static class TreeListing
{
    private const int MostFiles = 200_000;

    extension(GardenClient garden)
    {
        /// <summary>By path, folders left out. The revision should be a commit, so that all pages are of the same.</summary>
        public async Task<IReadOnlyList<TreeEntry>> ListFilesAsync(ModelReference model, CancellationToken cancellationToken)
        {
            var files = new List<TreeEntry>();
            var request = new ListTreeRequest { Name = model.Name.Value, Kind = model.Kind, Revision = model.Revision, Recursive = true };
            do
            {
                var page = await garden.ListTreeAsync(request, cancellationToken);
                files.AddRange(page.Entries.Where(entry => !entry.Folder));
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0 && files.Count < MostFiles);

            return request.PageToken.Length is 0 ? files : throw new ErrorException(Error.Exhausted("TOO_MANY_FILES", $"{model} has more than {MostFiles} files"));
        }
    }
}
