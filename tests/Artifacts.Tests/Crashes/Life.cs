namespace ModelGarden.Artifacts.Tests.Crashes;

/// <summary>How a step is caught by death.</summary>
internal enum Death
{
    /// <summary>Before any of it has happened.</summary>
    Before,

    /// <summary>A write when half of its bytes are written; others as before.</summary>
    Halfway,

    /// <summary>When all of it has happened and nobody has been told.</summary>
    After,
}

/// <summary>The process is dead: whoever sees this does not run any more. No product code catches it.</summary>
internal sealed class ProcessDiedException() : Exception("the process was killed");

/// <summary>A process that can be killed at each step that changes something, of its store and of its database. From then on every call of either throws.</summary>
internal sealed class Life
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (int Step, Death Death) _end = (int.MaxValue, Death.Before);

    /// <summary>How many have begun: a first run counts those that later runs die at.</summary>
    public int Steps { get; private set; }

    public bool IsDead { get; private set; }

    /// <summary>The step that it ended at can be caught halfway.</summary>
    public bool EndedAtAWrite { get; private set; }

    /// <summary>Completes with death.</summary>
    public Task Died => _died.Task;

    /// <param name="step">The number of it, from 1 on and from the beginning.</param>
    /// <param name="death">How.</param>
    public void DieAt(int step, Death death) => _end = (step, death);

    public void RequireAlive()
    {
        if (IsDead)
        {
            throw new ProcessDiedException();
        }
    }

    /// <summary>Null: the step is to be done as if there were no death.</summary>
    public Death? Begin(bool isWrite)
    {
        lock (_gate)
        {
            RequireAlive();
            if (++Steps != _end.Step)
            {
                return null;
            }

            // Nobody begins anything more while the last step comes to its end.
            (IsDead, EndedAtAWrite) = (true, isWrite);
            return _end.Death;
        }
    }

    /// <summary>To be thrown when the last step has come to its end.</summary>
    public ProcessDiedException Die()
    {
        _died.TrySetResult();
        return new();
    }
}
