namespace SQLitePCL;

/// <summary>Compares two texts for a collation: negative, zero or positive.</summary>
public delegate int strdelegate_collation(object user_data, string s1, string s2);

/// <summary>Computes one call of a scalar function and leaves its result in the context.</summary>
public delegate void delegate_function_scalar(sqlite3_context ctx, object user_data, sqlite3_value[] args);

/// <summary>Takes one row into an aggregate, whose state the context keeps.</summary>
public delegate void delegate_function_aggregate_step(sqlite3_context ctx, object user_data, sqlite3_value[] args);

/// <summary>Ends an aggregate and leaves its result in the context.</summary>
public delegate void delegate_function_aggregate_final(sqlite3_context ctx, object user_data);

/// <summary>Told that a connection's transaction was rolled back.</summary>
public delegate void delegate_rollback(object user_data);

/// <summary>One call of a function, or one aggregate over all its rows; valid during the callback only.</summary>
public sealed class sqlite3_context
{
#pragma warning disable CA1051 // a field in the package's API, that an aggregate keeps its running value in
    public object? state;
#pragma warning restore CA1051

    internal nint Pointer;
}

/// <summary>An argument of a function; valid during the callback only.</summary>
public sealed class sqlite3_value(nint p)
{
    internal nint Pointer => p;
}
