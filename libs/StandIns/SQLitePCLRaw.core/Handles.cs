using System.Runtime.InteropServices;

namespace SQLitePCL;

/// <summary>An open connection; SQLite keeps it until its last statement is gone too.</summary>
public sealed class sqlite3 : SafeHandle
{
    internal GCHandle RollbackHook;

    public sqlite3()
        : base(0, ownsHandle: true)
    {
    }

    internal sqlite3(nint connection)
        : this() => SetHandle(connection);

    public override bool IsInvalid => handle == 0;

    protected override unsafe bool ReleaseHandle()
    {
        if (RollbackHook.IsAllocated)
        {
            // Statements that are still open keep SQLite's connection, and with it the hook, beyond this one.
            Native.sqlite3_rollback_hook(handle, null, 0);
            RollbackHook.Free();
        }

        return Native.sqlite3_close_v2(handle) == Native.Ok;
    }
}

/// <summary>A prepared statement; it keeps its connection reachable.</summary>
public sealed class sqlite3_stmt : SafeHandle
{
    private readonly sqlite3? _connection;

    public sqlite3_stmt()
        : base(0, ownsHandle: true)
    {
    }

    internal sqlite3_stmt(nint statement, sqlite3 connection)
        : this()
    {
        SetHandle(statement);
        _connection = connection;
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        // The result repeats the statement's last error, which its step has reported already.
        _ = Native.sqlite3_finalize(handle);
        return true;
    }
}

/// <summary>An open handle on one blob of one row.</summary>
public sealed class sqlite3_blob : SafeHandle
{
    public sqlite3_blob()
        : base(0, ownsHandle: true)
    {
    }

    internal sqlite3_blob(nint blob)
        : this() => SetHandle(blob);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        // The handle is closed whatever the result.
        _ = Native.sqlite3_blob_close(handle);
        return true;
    }
}

/// <summary>A copy of one database into another, under way.</summary>
public sealed class sqlite3_backup : SafeHandle
{
    public sqlite3_backup()
        : base(0, ownsHandle: true)
    {
    }

    internal sqlite3_backup(nint backup)
        : this() => SetHandle(backup);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        // The result repeats the error of the last step, which has reported it already.
        _ = Native.sqlite3_backup_finish(handle);
        return true;
    }
}
