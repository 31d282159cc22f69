namespace ModelGarden.Artifacts.Objects;

/// <summary>How platforms (ENOSPC, and its Windows kin) and remote stores say that there is no room left.</summary>
internal static class DiskFull
{
    private static readonly int[] Results = [28, unchecked((int)0x80070070)];

    public static bool Is(IOException exception) => Results.Contains(exception.HResult);
}
