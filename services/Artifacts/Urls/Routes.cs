using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Urls;

/// <summary>The paths of this service's HTTP side: the Gateway passes them on as they are.</summary>
internal static class Routes
{
    public const string Base = "/garden/v1/files";

    public static string File(Sha256Digest digest) => $"{Base}/{digest.Hex}";

    public static string Upload(string session) => $"{Base}/uploads/{session}";

    public static string Part(string session, int number) => $"{Base}/uploads/{session}/parts/{number}";

    public static string Complete(string session) => $"{Base}/uploads/{session}/complete";
}
