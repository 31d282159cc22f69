namespace ModelGarden.Kernel;

/// <summary>What a torch checkpoint is called when it has been converted to safetensors, as libraries look for it.</summary>
public static class ConvertedPaths
{
    private const string Target = ".safetensors";
    private const string OldPrefix = "pytorch_model";
    private const string NewPrefix = "model";
    private static readonly string[] Endings = [".bin", ".pt", ".pth", ".ckpt"];

    /// <summary><c>pytorch_model.bin</c> becomes <c>model.safetensors</c>, <c>x.pt</c> becomes <c>x.safetensors</c>; null: the name is no checkpoint's.</summary>
    public static string? Of(string path)
    {
        if (Endings.FirstOrDefault(ending => path.EndsWith(ending, StringComparison.Ordinal)) is not { } ending)
        {
            return null;
        }

        var (folder, stem) = Split(path[..^ending.Length]);
        return stem.StartsWith(OldPrefix, StringComparison.Ordinal) ? $"{folder}{NewPrefix}{stem[OldPrefix.Length..]}{Target}"
            : stem.Length > 0 ? $"{folder}{stem}{Target}"
            : null;
    }

    /// <summary>The paths that become this one, the likeliest first; none: no checkpoint does.</summary>
    public static IReadOnlyList<string> SourcesOf(string path)
    {
        if (!path.EndsWith(Target, StringComparison.Ordinal))
        {
            return [];
        }

        var (folder, stem) = Split(path[..^Target.Length]);
        var stems = stem.StartsWith(NewPrefix, StringComparison.Ordinal) ? [$"{OldPrefix}{stem[NewPrefix.Length..]}", stem] : new[] { stem };
        return [.. stems.SelectMany(one => Endings.Select(ending => $"{folder}{one}{ending}")).Where(source => Of(source) == path)];
    }

    private static (string Folder, string Stem) Split(string path) => path.LastIndexOf('/') is >= 0 and var slash ? (path[..(slash + 1)], path[(slash + 1)..]) : ("", path);
}
