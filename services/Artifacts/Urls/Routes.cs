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

    public static string File(Sha256Digest digest) => $"{Base}/{digest.Hex}";

    public static string Upload(string session) => $"{Base}/uploads/{session}";

    public static string Part(string session, int number) => $"{Base}/uploads/{session}/parts/{number}";

    public static string Complete(string session) => $"{Base}/uploads/{session}/complete";

    /// <summary>Ranges of a stored xorb, as a Range header has them.</summary>
    public static string Xorb(XetHash hash, IEnumerable<ByteRange> ranges) => $"{Cas}/xorbs/{hash}/{string.Join(',', ranges.Select(range => $"{range.First}-{range.Last}"))}";
}
