using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using CatalogClient = ModelGarden.Contracts.V1.Catalog.CatalogClient;

namespace ModelGarden.Testing;

/// <summary>What somebody upstream says of the files that were taken from there: mirrored repositories are published with that on record.</summary>
public static class Upstream
{
    /// <summary>A small file as git has it there.</summary>
    public static OriginFile File(string path, string content) =>
        new() { Path = path, Oid = ObjectId.Of("blob", Encoding.UTF8.GetBytes(content)).Hex, Size = Encoding.UTF8.GetByteCount(content) };

    /// <summary>Records that main's newest commit has these files from there.</summary>
    public static async Task<OriginRecord> RecordAsync(CatalogClient catalog, string repository, string origin, string revision, params OriginFile[] files) =>
        await catalog.RecordOriginAsync(
            new() { Name = repository, Source = new() { Kind = SourceKind.Mirrored, Origin = origin, OriginRevision = revision }, Files = { files } }, cancellationToken: Patience.Cancel);
}
