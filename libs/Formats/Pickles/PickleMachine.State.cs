namespace ModelGarden.Formats.Pickles;

/// <summary>BUILD: calls <c>__setstate__</c>, or writes attributes.</summary>
internal sealed partial class PickleMachine
{
    private void Build(PickleValue target, PickleValue state)
    {
        if (options.IsSecondReading)
        {
            BuildMisread(target, state);
            return;
        }

        switch (target.Node)
        {
            case GlobalNode global:
                ReportChange(global, state);
                break;
            case CallNode { State: not null } call:
                Suspect("pickle.build", $"{call.Name} is given a state twice: the first can decide what the second calls");
                break;
            case CallNode { Callee.Allowed: not null } call:
                call.State = state;
                BuildAllowed(call, state);
                break;
            case CallNode call:
                // The class is no allowed one, and that was said when it was imported.
                call.State = state;
                CheckAttributes(state, call.Name);
                break;
            default:
                Suspect("pickle.build", $"{target} is given a state, and has none");
                break;
        }
    }

    private void ReportChange(GlobalNode global, PickleValue state) =>
        Report(FindingSeverity.Malicious, "pickle.build", $"the pickle changes attributes of {global.ShortName} itself, for all who use it: {state}");

    private void BuildAllowed(CallNode call, PickleValue state)
    {
        var reason = call.Makes switch
        {
            Product.Dictionary => state.Node is DictNode ? null : "the state of a dictionary is no dictionary",
            Product.DataType => NumpyRules.DataTypeState(call, state),
            Product.Array => NumpyRules.ArrayState(state),
            Product.JoblibArray => SkipArray(state),
            _ => "it is made whole and has no state",
        };
        if (reason is not null)
        {
            Suspect("pickle.build", $"{call.Name} is given a state as no exporter does: {reason}");
        }

        CheckAttributes(state, call.Name);
    }

    private void CheckAttributes(PickleValue state, string target)
    {
        foreach (var part in state.Tuple is { Length: 2 } both ? both : [state])
        {
            if (part.Node is DictNode { IsWhole: false })
            {
                Suspect("pickle.build", $"the state of {target} is too long to be kept: what it sets is not known");
            }

            foreach (var (key, _) in (part.Node as DictNode)?.Items ?? [])
            {
                if (key.Text is { } name && name.StartsWith("__", StringComparison.Ordinal))
                {
                    Report(FindingSeverity.Malicious, "pickle.build", $"the pickle sets {name} of {target}: Python would call it");
                }
            }
        }
    }

    // Joblib writes the bytes of an array behind the state of its placeholder, in the middle of the pickle.
    private string? SkipArray(PickleValue state)
    {
        if (JoblibArray.Read(state) is not { } array)
        {
            reader.Fail("pickle.joblib", "an array of joblib does not say how long it is: what follows cannot be told from its bytes", _at);
            return null;
        }

        LeaveFrame();
        LookTwice();
        if (array.IsAligned)
        {
            reader.Skip(reader.U8());
        }

        if (array.IsObject)
        {
            RunNested();
        }
        else
        {
            reader.Skip(array.Bytes);
        }

        return null;
    }

    // A loader that is not joblib takes the array's bytes for opcodes.
    private void LookTwice()
    {
        if (reader.CanSeek)
        {
            SecondReading.Look(reader, findings, options.Walk, before: this);
        }
        else
        {
            Suspect("pickle.joblib", $"arrays of joblib cannot be looked at in a stream that cannot seek");
        }
    }

    private void RunNested()
    {
        if (options.Depth >= PickleOptions.MaximumDepth)
        {
            reader.Fail("pickle.depth", $"pickles lie {PickleOptions.MaximumDepth} deep in one another", _at);
            return;
        }

        new PickleMachine(reader, findings, options with { Depth = options.Depth + 1, Tensors = Tensors }).Run();
    }
}
