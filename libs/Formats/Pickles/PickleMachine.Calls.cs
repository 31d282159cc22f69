using System.Text;

namespace ModelGarden.Formats.Pickles;

/// <summary>Imports, calls, states and persistent ids: what a pickle does harm with.</summary>
internal sealed partial class PickleMachine
{
    private const int MaximumGlobals = 10_000;
    private readonly HashSet<string> _names = [];
    private readonly Dictionary<(string Module, string Name), GlobalNode> _globals = [];

    private bool FollowCall(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Global:
                Push(Import());
                break;
            case Opcode.StackGlobal:
                StackGlobal();
                break;
            case Opcode.Reduce:
                Reduce();
                break;
            case Opcode.NewObj:
                NewObject();
                break;
            case Opcode.NewObjEx:
                NewObjectWithNames();
                break;
            case Opcode.Build:
                var state = Pop();
                Build(Peek(), state);
                break;
            case Opcode.PersId:
                Persistent(new(new TextNode(PickleText.RawUnicode(Line(MaximumLine, out _)))));
                break;
            case Opcode.BinPersId:
                Persistent(Pop());
                break;
            default:
                return FollowOldCall(opcode);
        }

        return true;
    }

    private bool FollowOldCall(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Inst:
                var type = Import();
                OldStyle(type, PopToMark().ToArray(), opcode);
                break;
            case Opcode.Obj:
                var parts = PopToMark().ToArray();
                OldStyle(parts is [var first, ..] ? first : Underflow(), parts.Length > 1 ? parts[1..] : [], opcode);
                break;
            case Opcode.Ext1:
                Extension(reader.U8());
                break;
            case Opcode.Ext2:
                Extension(reader.U16());
                break;
            case Opcode.Ext4:
                Extension((int)reader.U32());
                break;
            default:
                return false;
        }

        return true;
    }

    private PickleValue Import()
    {
        var module = NameOf(Line(MaximumLine, out _));
        var name = NameOf(Line(MaximumLine, out _));
        return reader.Failed ? PickleValue.Unknown : Import(module, name);
    }

    // Protocols 0 to 3 write the same names again and again: one string of each is enough.
    private string NameOf(ReadOnlySpan<byte> line)
    {
        Span<char> text = stackalloc char[128];
        if (line.Length > text.Length || _names.Count >= MaximumGlobals || !Encoding.UTF8.TryGetChars(line, text, out var length))
        {
            return Encoding.UTF8.GetString(line);
        }

        var known = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!known.TryGetValue(text[..length], out var name))
        {
            _names.Add(name = new(text[..length]));
        }

        return name;
    }

    private PickleValue Import(string module, string name)
    {
        if (!_globals.TryGetValue((module, name), out var global))
        {
            if (_globals.Count >= MaximumGlobals && !options.IsSecondReading)
            {
                reader.Fail("pickle.too-many-imports", $"the pickle imports more than {MaximumGlobals} things", _at);
                return PickleValue.Unknown;
            }

            global = new(module, name, GlobalPolicy.Judge(module, name));
            if (_globals.Count < MaximumGlobals)
            {
                _globals.Add((module, name), global);
            }

            ReportImport(global);
        }

        return new(global);
    }

    private void ReportImport(GlobalNode global)
    {
        if (IsAccident(global))
        {
            return;
        }

        if (global.Verdict.Danger is { } danger)
        {
            // Never left out, however many harmless ones came before.
            findings.Add(new("pickle.import", FindingSeverity.Malicious, $"the pickle imports {global.ShortName}, which {danger}", _at));
        }
        else if (global.Verdict.Oddity is { } oddity)
        {
            Suspect("pickle.import-name", $"the pickle imports {global.ShortName}: {oddity}");
        }
        else if (global.Allowed is null)
        {
            Suspect("pickle.import", $"the pickle imports {global.ShortName}, which is not known to be harmless");
        }
    }

    private void StackGlobal()
    {
        var (name, module) = (Pop(), Pop());
        if (module.Text is { } moduleText && name.Text is { } nameText)
        {
            Push(Import(moduleText, nameText));
            return;
        }

        if (IsAccidentalName(module, name))
        {
            Push(PickleValue.Unknown);
            return;
        }

        var computed = module.Node is CallNode or PersistentNode || name.Node is CallNode or PersistentNode;
        Report(
            computed ? FindingSeverity.Malicious : FindingSeverity.Suspicious,
            "pickle.computed-name",
            $"STACK_GLOBAL imports by a name that is {(computed ? "computed while loading" : "no text")}: module {module}, name {name}");
        Push(PickleValue.Unknown);
    }

    private void Reduce()
    {
        var (arguments, callee) = (Pop(), Pop());
        Push(Call(callee, arguments.Tuple, arguments));
    }

    private void NewObject()
    {
        var (arguments, type) = (Pop(), Pop());
        if (type.Global?.Allowed is { IsNew: false })
        {
            Suspect("pickle.new-object", $"{type} is made with NEWOBJ, as its own pickler never does");
        }

        Push(Call(type, arguments.Tuple, arguments));
    }

    private void NewObjectWithNames()
    {
        var (names, arguments, type) = (Pop(), Pop(), Pop());
        if (type.Global?.Allowed is not null)
        {
            Suspect("pickle.new-object", $"{type} is made with NEWOBJ_EX and arguments by name ({names}), as its own pickler never does");
        }

        Push(Call(type, arguments.Tuple, arguments));
    }

    private void OldStyle(PickleValue type, PickleValue[] arguments, Opcode opcode)
    {
        if (type.Global?.Allowed is not null)
        {
            Suspect("pickle.old-style", $"{type} is called with {opcode}, which is for classes of Python 2 alone");
        }

        Push(Call(type, arguments, new(new TupleNode(arguments))));
    }

    private void Extension(int code)
    {
        // Three bytes of 256 are such codes: of bytes that are no pickle, those count that are called.
        if (!options.IsSecondReading)
        {
            Suspect("pickle.extension", $"extension {code} stands for an import that only the loader's machine knows");
        }

        PushNode(new ExtensionNode(code));
    }

    private PickleValue Call(PickleValue callee, PickleValue[]? arguments, PickleValue shown)
    {
        if (callee.Global is not { } global)
        {
            if (callee.Node is ExtensionNode && options.IsSecondReading && arguments is not null)
            {
                Suspect("pickle.extension", $"{callee} is called, which stands for an import that only the loader's machine knows");
            }

            Suspect("pickle.computed-call", $"{callee} is called, which is no import");
            return Made(null, arguments, Product.Opaque);
        }

        if (global.Allowed is null)
        {
            ReportCall(global, arguments, shown);
            return Made(global, arguments, Product.Opaque);
        }

        return CallAllowed(global, global.Allowed, arguments, shown);
    }

    private void ReportCall(GlobalNode global, PickleValue[]? arguments, PickleValue shown)
    {
        // No loader calls without a tuple, and in bytes of something else a name may be none.
        if (options.IsSecondReading && (arguments is null || !GlobalPolicy.IsSpelledAsName(global)))
        {
            return;
        }

        Report(
            global.Verdict.Danger is null ? FindingSeverity.Suspicious : FindingSeverity.Malicious,
            "pickle.call",
            $"the pickle calls {global.ShortName}({string.Join(", ", (arguments ?? [shown]).Take(4))})");
    }

    private PickleValue CallAllowed(GlobalNode global, AllowedGlobal allowed, PickleValue[]? arguments, PickleValue shown)
    {
        var made = Made(global, arguments, allowed.Makes);
        if (options.IsSecondReading)
        {
            return made;
        }

        var reason = arguments is null ? $"its arguments are {shown}"
            : allowed.Rebuild is { } rebuild ? Rebuild(rebuild(arguments), made)
            : allowed.Check is { } check ? check(arguments)
            : "it is there to be named, not to be called";
        if (reason is not null)
        {
            Suspect("pickle.call", $"{global.ShortName} is called as no exporter does: {reason}");
        }

        return made;
    }

    private string? Rebuild(Torch.Rebuilt rebuilt, PickleValue made)
    {
        if (made.Call is { } call && rebuilt.Tensor is { } tensor)
        {
            call.Tensor = tensor;
            Tensors.Count(tensor);
        }

        return rebuilt.Fault;
    }

    private PickleValue Made(GlobalNode? callee, PickleValue[]? arguments, Product makes) =>
        Keeps(1) ? new(new CallNode(callee, arguments ?? [], makes)) : PickleValue.Forgotten;

    private void Persistent(PickleValue id)
    {
        var storage = options.Storages?.Read(id);
        var fault = storage?.Fault ?? (options.Storages is null ? "nothing of that kind belongs into such a file" : null);
        if (fault is not null)
        {
            Suspect("pickle.persistent-id", $"the loader is asked for the object {id}: {fault}");
        }

        PushNode(new PersistentNode(id, storage?.Storage));
    }
}
