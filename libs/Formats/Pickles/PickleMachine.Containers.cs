namespace ModelGarden.Formats.Pickles;

/// <summary>Tuples, lists, dictionaries and sets.</summary>
internal sealed partial class PickleMachine
{
    private const int MaximumNodes = 2 * 1024 * 1024;
    private int _nodes;

    private bool FollowContainer(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.EmptyTuple:
                Push(new(TupleNode.Empty));
                break;
            case Opcode.Tuple1:
                PushTuple(1);
                break;
            case Opcode.Tuple2:
                PushTuple(2);
                break;
            case Opcode.Tuple3:
                PushTuple(3);
                break;
            case Opcode.Tuple:
                PushTuple(PopToMark());
                break;
            case Opcode.EmptyList:
                PushNode(new ListNode());
                break;
            case Opcode.EmptyDict:
                PushNode(new DictNode());
                break;
            case Opcode.EmptySet:
                PushNode(new ListNode(isSet: true));
                break;
            default:
                return FollowFilling(opcode);
        }

        return true;
    }

    private bool FollowFilling(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.List:
                PushList(new(), PopToMark());
                break;
            case Opcode.FrozenSet:
                PushList(new(isSet: true), PopToMark());
                break;
            case Opcode.Dict:
                PushDictionary(PopToMark());
                break;
            case Opcode.Append:
                var item = Pop();
                AddTo(Peek(), [item], isSet: false);
                break;
            case Opcode.Appends:
                var items = PopToMark();
                AddTo(Peek(), items, isSet: false);
                break;
            case Opcode.AddItems:
                var members = PopToMark();
                AddTo(Peek(), members, isSet: true);
                break;
            case Opcode.SetItem:
                var (value, key) = (Pop(), Pop());
                SetIn(Peek(), [key, value]);
                break;
            case Opcode.SetItems:
                var pairs = PopToMark();
                SetIn(Peek(), pairs);
                break;
            default:
                return false;
        }

        return true;
    }

    private void PushNode(PickleNode node) => Push(Keeps(1) ? new(node) : PickleValue.Forgotten);

    private bool Keeps(int count)
    {
        if (_nodes > MaximumNodes - count)
        {
            return false;
        }

        _nodes += count;
        return true;
    }

    private void PushTuple(int count)
    {
        if (_depth - _fence < count)
        {
            Push(Underflow());
            return;
        }

        _depth -= count;
        PushTuple(_stack.AsSpan(_depth, count));
    }

    private void PushTuple(ReadOnlySpan<PickleValue> items) =>
        Push(Keeps(1 + items.Length) ? new(items.IsEmpty ? TupleNode.Empty : new TupleNode(items.ToArray())) : PickleValue.Forgotten);

    private void PushList(ListNode list, ReadOnlySpan<PickleValue> items)
    {
        Add(list, items);
        PushNode(list);
    }

    private void PushDictionary(ReadOnlySpan<PickleValue> pairs)
    {
        var dictionary = new DictNode();
        Set(dictionary, pairs);
        PushNode(dictionary);
    }

    private void AddTo(PickleValue target, ReadOnlySpan<PickleValue> items, bool isSet)
    {
        switch (target.Node)
        {
            case not null when options.IsSecondReading:
                // Nothing is judged by what it holds, and it may be that of a machine that waits.
                break;
            case ListNode list when list.IsSet == isSet:
                Add(list, items);
                break;
            case CallNode { Makes: Product.List } when !isSet:
            case Scalar when target.Node == Scalar.Forgotten:
                break;
            default:
                Suspect("pickle.container", $"values are added to {target}, which is no {(isSet ? "set" : "list")}: a method of it would be called");
                break;
        }
    }

    private void SetIn(PickleValue target, ReadOnlySpan<PickleValue> pairs)
    {
        switch (target.Node)
        {
            case not null when options.IsSecondReading:
                break;
            case DictNode dictionary:
                Set(dictionary, pairs);
                break;
            case CallNode { Makes: Product.Dictionary } call:
                Set(call.Items, pairs);
                break;
            case Scalar when target.Node == Scalar.Forgotten:
                break;
            default:
                Suspect("pickle.container", $"items are set in {target}, which is no dictionary: a method of it would be called");
                break;
        }
    }

    private void Add(ListNode list, ReadOnlySpan<PickleValue> items)
    {
        if (Keeps(items.Length))
        {
            list.Items.AddRange(items);
        }
        else
        {
            list.IsWhole = false;
        }
    }

    private void Set(DictNode dictionary, ReadOnlySpan<PickleValue> pairs)
    {
        if (pairs.Length % 2 != 0)
        {
            Suspect("pickle.container", $"a key has no value");
        }

        if (dictionary.IsSealed && !pairs.IsEmpty)
        {
            Suspect("pickle.container", $"the hooks of a tensor are filled after it was made: they would be called");
        }

        if (!Keeps(pairs.Length))
        {
            dictionary.IsWhole = false;
            return;
        }

        for (var index = 0; index + 1 < pairs.Length; index += 2)
        {
            dictionary.Items.Add((pairs[index], pairs[index + 1]));
        }
    }
}
