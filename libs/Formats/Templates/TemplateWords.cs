using System.Collections.Frozen;

namespace ModelGarden.Formats.Templates;

/// <summary>The names by which a template gets from a text to a shell.</summary>
internal static class TemplateWords
{
    /// <summary>What stands between two pairs of underscores on that way.</summary>
    public static readonly FrozenSet<string> Dunders = FrozenSet.Create(
        StringComparer.Ordinal,
        "class", "mro", "base", "bases", "subclasses", "globals", "builtins", "init", "import", "getattribute", "getattr", "setattr", "dict", "code", "func", "self", "closure", "module", "call",
        "reduce", "reduce_ex", "getitem", "loader", "spec", "new", "del", "wrapped", "weakref", "enter", "exit", "init_subclass", "subclasshook", "class_getitem", "set_name", "kwdefaults", "defaults",
        "traceback", "context", "cause", "file", "path", "name", "qualname", "doc");

    /// <summary>Attributes that lead to frames, code and commands, without underscores.</summary>
    public static readonly FrozenSet<string> Gadgets = FrozenSet.Create(
        StringComparer.Ordinal,
        "mro", "popen", "func_globals", "func_code", "func_closure", "gi_frame", "gi_code", "gi_yieldfrom", "cr_frame", "cr_code", "cr_await", "ag_frame", "ag_code", "ag_await", "f_globals", "f_builtins",
        "f_locals", "f_back", "f_code", "tb_frame", "tb_next", "im_func", "im_self", "im_class", "co_consts", "co_code", "subclasses", "check_output", "import_module", "load_module", "exec_module");

    /// <summary>Functions and objects that templates are given, and that no chat template looks into.</summary>
    public static readonly FrozenSet<string> Objects = FrozenSet.Create(
        StringComparer.Ordinal, "cycler", "joiner", "namespace", "lipsum", "self", "request", "config", "url_for", "get_flashed_messages", "range", "dict", "raise_exception", "strftime_now", "tojson", "caller");

    /// <summary>Statements that load other templates.</summary>
    public static readonly FrozenSet<string> Loads = FrozenSet.Create(StringComparer.Ordinal, "import", "include", "extends", "from");
}
