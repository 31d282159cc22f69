namespace ModelGarden.Testing;

/// <summary>A clock that stands until a test moves it, timers included.</summary>
public sealed class ManualClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<Waiter> _waiters = [];
    private DateTimeOffset _now = start;

    public ManualClock()
        : this(DateTimeOffset.UtcNow)
    {
    }

    /// <summary>Raised when somebody begins to wait, with how long: a test moves the clock when what it is about waits for it.</summary>
    public event Action<TimeSpan>? TimerSet;

    /// <summary>How many are set.</summary>
    public int Timers
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <summary>Moves on, and fires on the way what has become due, in order.</summary>
    public void Advance(TimeSpan by)
    {
        var target = GetUtcNow() + by;
        while (TakeDue(target) is { } due)
        {
            due.Fire();
        }

        lock (_gate)
        {
            _now = target > _now ? target : _now;
        }
    }

    /// <summary>Is there at once, as after a long sleep: what has become due on the way fires once, however often it would have.</summary>
    public void Jump(TimeSpan by)
    {
        List<ManualTimer> due;
        lock (_gate)
        {
            _now += by;
            due = [.. _timers.Where(timer => timer.Due <= _now).OrderBy(timer => timer.Due)];
            due.ForEach(timer => timer.Take(_now));
        }

        due.ForEach(timer => timer.Fire());
    }

    /// <summary>
    /// Waits until somebody waits for a time within these bounds, or finds that somebody does, and says for how long he still will. So a test
    /// does not move the clock past somebody who has yet to begin to wait.
    /// </summary>
    public async Task<TimeSpan> WhenAwaitedAsync(TimeSpan atLeast, TimeSpan atMost)
    {
        var waiter = new Waiter(atLeast, atMost);
        lock (_gate)
        {
            _waiters.Add(waiter);
            _timers.ForEach(timer => waiter.Tell(timer.Due - _now));
        }

        try
        {
            return await waiter.Awaited.InTimeAsync($"a timer of {atLeast} to {atMost}");
        }
        finally
        {
            lock (_gate)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? TakeDue(DateTimeOffset target)
    {
        lock (_gate)
        {
            var due = _timers.Where(timer => timer.Due <= target).MinBy(timer => timer.Due);
            if (due is not null)
            {
                _now = due.Due > _now ? due.Due : _now;
                due.Take(due.Due);
            }

            return due;
        }
    }

    private sealed class Waiter(TimeSpan atLeast, TimeSpan atMost)
    {
        private readonly TaskCompletionSource<TimeSpan> _awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TimeSpan> Awaited => _awaited.Task;

        public void Tell(TimeSpan left) => _ = left >= atLeast && left <= atMost && _awaited.TrySetResult(left);
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public DateTimeOffset Due { get; private set; }

        /// <summary>
        /// It is due: sets it for its next time, or takes it out. Together with finding that it is due, under one lock: what is set anew by its
        /// owner a moment later stays set.
        /// </summary>
        public void Take(DateTimeOffset at)
        {
            if (_period > TimeSpan.Zero)
            {
                Due = at + _period;
            }
            else
            {
                clock._timers.Remove(this);
            }
        }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = clock._now + dueTime;
                    clock._timers.Add(this);
                    clock._waiters.ForEach(waiter => waiter.Tell(dueTime));
                }
            }

            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                clock.TimerSet?.Invoke(dueTime);
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
