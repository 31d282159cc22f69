namespace Grpc.Core;

/// <summary>
/// What every call object needs of its transport. The transport passes static delegates and one state
/// object, so that starting a call allocates no closures; interceptors pass plain delegates.
/// </summary>
internal readonly struct CallHandle
{
    private readonly object _headers;
    private readonly Delegate _status;
    private readonly Delegate _trailers;
    private readonly Delegate _dispose;
    private readonly object? _state;
    private readonly bool _hasState;

    public CallHandle(
        Func<object, Task<Metadata>> headers,
        Func<object, Status> status,
        Func<object, Metadata> trailers,
        Action<object> dispose,
        object state)
    {
        (_headers, _status, _trailers, _dispose, _state, _hasState) = (headers, status, trailers, dispose, state, true);
    }

    public CallHandle(Task<Metadata> headers, Func<Status> status, Func<Metadata> trailers, Action dispose)
    {
        (_headers, _status, _trailers, _dispose) = (headers, status, trailers, dispose);
    }

    public Task<Metadata> Headers => _hasState
        ? ((Func<object, Task<Metadata>>)_headers)(_state!)
        : (Task<Metadata>)_headers;

    public Status GetStatus() => _hasState ? ((Func<object, Status>)_status)(_state!) : ((Func<Status>)_status)();

    public Metadata GetTrailers() => _hasState ? ((Func<object, Metadata>)_trailers)(_state!) : ((Func<Metadata>)_trailers)();

    public void Dispose()
    {
        if (_hasState)
        {
            ((Action<object>)_dispose)(_state!);
        }
        else
        {
            ((Action)_dispose)();
        }
    }
}
