using ModelGarden.Artifacts.Downloads;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Urls;

/// <summary>The paths of this service's HTTP side: the Gateway passes them on as they are.</summary>
internal static class Routes
{
    public const string Base = "/garden/v1/files";

    /// <summary>The Xet protocol's base: clients put their own paths behind it.</summary>
    public const string Cas = "/garden/v1/xet";

    /// <summary>In the path of a URL that reads a file whatever was found of it.</summary>
    public const string AnyVerdict = "any";

    private const string OnlyClean = "clean";

    /// <summary>A file, as long as it is clean, or whatever was found of it.</summary>
    public static string File(Sha256Digest digest, bool allowUnclean = false) => allowUnclean ? $"{Base}/{AnyVerdict}/{digest.Hex}" : $"{Base}/{digest.Hex}";

    public static string Upload(string session) => $"{Base}/uploads/{session}";

    public static string Part(string session, int number) => $"{Base}/uploads/{session}/parts/{number}";

    public static string Complete(string session) => $"{Base}/uploads/{session}/complete";

    /// <summary>A range of that segment of a file which begins at this byte of it, whatever was found of the file or only if it is clean.</summary>
    public static string Segment(XetHash file, long start, ByteRange range, bool allowUnclean) =>
        $"{Cas}/segments/{(allowUnclean ? AnyVerdict : OnlyClean)}/{file}/{start}/{range.First}-{range.Last}";
}
