using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SQLitePCL;

/// <summary>Finds the SQLite library that the system (or <c>SQLITE3_LIBRARY</c>) provides.</summary>
internal static class NativeLibraryResolver
{
    /// <summary>The name that every import of this assembly asks for.</summary>
    public const string Name = "sqlite3";

    private static readonly string[] Candidates =
        ["libsqlite3.so.0", "libsqlite3.dylib", "winsqlite3", "e_sqlite3", "sqlite3"];

#pragma warning disable CA2255 // the resolver must be in place before the first import is called, whichever that is
    [ModuleInitializer]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraryResolver).Assembly, Resolve);
#pragma warning restore CA2255

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != Name)
        {
            return 0;
        }

        if (Environment.GetEnvironmentVariable("SQLITE3_LIBRARY") is { Length: > 0 } chosen)
        {
            return NativeLibrary.Load(chosen, assembly, searchPath);
        }

        foreach (var candidate in Candidates)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, searchPath, out var library))
            {
                return library;
            }
        }

        return 0;
    }
}
