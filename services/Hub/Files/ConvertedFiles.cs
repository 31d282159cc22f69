using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Files;

/// <summary>A file that is in no revision, and the path of the checkpoint in the revision that it was converted from.</summary>
internal sealed record ConvertedFile(TreeEntry Entry, string Source);

/// <summary>
/// Gives the safetensors that a torch checkpoint was converted to, by the name that libraries look for first: <c>model.safetensors</c> beside <c>pytorch_model.bin</c>.
/// Who may have the one may have the other; lists of files do not tell of it.
/// </summary>
internal sealed class ConvertedFiles(Garden garden)
{
    /// <summary>Null: no checkpoint of the commit has become that path.</summary>
    public async Task<ConvertedFile?> FindAsync(HubRequest request, string commit, string path)
    {
        var sources = ConvertedPaths.SourcesOf(path);
        if (sources.Count is 0)
        {
            return null;
        }

        var found = await garden.Catalog.GetEntriesAsync(
            new() { Name = request.Repository, Kind = request.Kind, Revision = commit, Paths = { sources } }, cancellationToken: request.Cancel);
        foreach (var source in found.Entries.Where(entry => entry.Sha256.Length > 0).OrderBy(entry => sources.ToList().IndexOf(entry.Path)))
        {
            var conversion = await garden.ArtifactsAsHub.GetConversionAsync(new() { Sha256 = source.Sha256 }, cancellationToken: request.Cancel);
            if (conversion.State is ConversionState.Done)
            {
                return new(new() { Path = path, Sha256 = conversion.Sha256, Size = conversion.Size, Verdict = Verdict.Clean }, source.Path);
            }
        }

        return null;
    }
}
