using System.Runtime.InteropServices;

namespace ModelGarden.Deployment.Processes;

/// <summary>The two system calls that .NET does not offer.</summary>
internal static partial class Posix
{
    private const int Terminate = 15;

    /// <summary>Asks a process to end (SIGTERM). One that is gone already is no failure.</summary>
    public static void AskToEnd(int processId) => _ = Kill(processId, Terminate);

    /// <summary>A second name for a file: the bytes stay while either name does. False where the file system cannot.</summary>
    public static bool TryLink(string existing, string name) => !OperatingSystem.IsWindows() && Link(existing, name) is 0;

    /// <summary>What a shell's exit code says: codes above 128 are signals.</summary>
    public static string Say(int exitCode) => exitCode switch
    {
        137 => "was killed (signal 9: perhaps the machine ran out of memory)",
        134 => "aborted (signal 6)",
        139 => "crashed (signal 11, a memory fault)",
        > 128 and < 160 => $"was ended by signal {exitCode - 128}",
        0 => "ended by itself (exit code 0)",
        _ => $"ended with exit code {exitCode}",
    };

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);
}
