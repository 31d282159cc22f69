using System.Text;
using ModelGarden.Catalog.Objects;

namespace ModelGarden.Catalog.Reading;

/// <summary>
/// Walks a tree page by page, by path in git's order: bytes, and a folder as if its name ended in <c>/</c>. A page begins behind the last path of
/// the one before, so folders that lie before it are not even read.
/// </summary>
internal sealed class TreeListing(TreeReader trees, bool isRecursive, string after, int size)
{
    private readonly byte[] _after = Encoding.UTF8.GetBytes(after);
    private bool _isBehind = after.Length is 0;

    public List<TreeEntry> Entries { get; } = [];

    /// <summary>There is more behind this page.</summary>
    public bool HasMore { get; private set; }

    /// <summary>The place of the last entry, for the page that follows.</summary>
    public string Last => Entries is [.., var last] ? KeyOf(last.Path, last.Folder) : after;

    /// <param name="folder">The tree to list.</param>
    /// <param name="prefix">Its path with a slash behind; empty for the root.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WalkAsync(ObjectId folder, string prefix, CancellationToken cancellationToken)
    {
        foreach (var item in (await trees.ReadAsync(folder, cancellationToken)).Items)
        {
            var path = prefix + item.Name;
            var place = Place(KeyOf(path, item.IsFolder));
            if (place is PlaceInList.Behind)
            {
                HasMore = Entries.Count == size;
                if (HasMore)
                {
                    return;
                }

                Entries.Add(item.At(path));
            }

            if (isRecursive && item.IsFolder && place is not PlaceInList.Before)
            {
                await WalkAsync(item.Oid, path + "/", cancellationToken);
                if (HasMore)
                {
                    return;
                }
            }
        }
    }

    private static string KeyOf(string path, bool isFolder) => isFolder ? path + "/" : path;

    private PlaceInList Place(string key)
    {
        if (_isBehind)
        {
            return PlaceInList.Behind;
        }

        var bytes = Encoding.UTF8.GetBytes(key);
        if (_after.AsSpan().SequenceCompareTo(bytes) < 0)
        {
            _isBehind = true;
            return PlaceInList.Behind;
        }

        return key.EndsWith('/') && _after.AsSpan().StartsWith(bytes) ? PlaceInList.Around : PlaceInList.Before;
    }

    private enum PlaceInList
    {
        /// <summary>Shown already, with everything in it.</summary>
        Before,

        /// <summary>A folder that is shown already, whose content is not yet, or not all.</summary>
        Around,

        /// <summary>To be shown.</summary>
        Behind,
    }
}
