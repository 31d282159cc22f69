using System.Collections.Frozen;

namespace ModelGarden.Formats.Pickles;

/// <summary>
/// Imports that no model needs and that run code, load code, reach files or the network, or fetch one of those: they make a file malicious. The list need
/// not be whole, for what is neither here nor allowed is suspicious: it only says which of the refused are no accident.
/// </summary>
internal static class DangerousGlobals
{
    private const string Runs = "runs commands or code";
    private const string Loads = "loads code or other pickles";
    private const string Reaches = "fetches functions by name or makes new ones";
    private const string Files = "reads, writes or deletes files";
    private const string Network = "opens connections";
    private const string Native = "reaches native code and memory";

    /// <summary>Dangerous wherever they stand in a path, with underscores before or without: modules that others have imported.</summary>
    private static readonly FrozenDictionary<string, string> Anywhere = Index(
        (Runs, "os posix nt subprocess _posixsubprocess commands popen2 pty runpy sys"),
        (Loads, "importlib _frozen_importlib _frozen_importlib_external _imp zipimport marshal pickle cPickle"),
        (Reaches, "builtins __builtin__ __builtins__"),
        (Native, "ctypes _ctypes"),
        (Files, "shutil"),
        (Network, "socket _socket"));

    /// <summary>Dangerous as the first part of a module's name, with all below it.</summary>
    private static readonly FrozenDictionary<string, string> Packages = Index(
        (Runs, "codeop pdb bdb cProfile profile trace timeit doctest pydoc idlelib lib2to3 unittest venv ensurepip pip pipes pexpect ptyprocess multiprocessing concurrent threading _thread _threading signal _signal atexit "
            + "sched asyncio webbrowser antigravity turtle tkinter _tkinter IPython ipykernel invoke fabric paramiko plumbum _pyrepl _osx_support _aix_support _bootsubprocess crypt "
            + "_interpreters _xxsubinterpreters sitecustomize usercustomize site readline rlcompleter cgitb distutils setuptools pkg_resources"),
        (Loads, "_pickle imp pkgutil modulefinder compileall py_compile dill cloudpickle jsonpickle shelve _dbm dbm yaml ruamel hickle klepto cffi cython pyximport numba llvmlite"),
        (Reaches, "operator _operator inspect gc weakref ast dis functools _functools"),
        (Files, "tempfile fileinput glob linecache filecmp zipfile tarfile mmap sqlite3 _sqlite3 syslog fsspec s3fs gcsfs"),
        (Network, "ssl _ssl http httplib urllib urllib2 urllib3 requests aiohttp httpx ftplib smtplib imaplib poplib nntplib telnetlib socketserver SocketServer xmlrpc xmlrpclib select selectors websocket websockets boto3 botocore"));

    /// <summary>Dangerous modules of packages that are harmless otherwise, with all below them.</summary>
    private static readonly FrozenDictionary<string, string> Modules = Index(
        (Loads, "torch.hub torch.jit.load torch.jit._serialization torch.jit.frontend torch.jit._script torch.jit.unsupported_tensor_ops torch.package torch.serialization torch.utils.cpp_extension torch.utils.model_zoo torch.classes torch.ops torch._ops torch._classes "
            + "numpy.ctypeslib numpy.lib.npyio numpy.lib.format numpy.lib._npyio_impl numpy.lib._format_impl joblib.memory pandas.io tensorflow.saved_model keras.models"),
        (Runs, "torch.fx torch._dynamo torch._inductor torch.distributed.rpc torch.distributed.elastic torch.distributed.run torch.multiprocessing torch.testing._internal torch.utils.bottleneck torch.utils.collect_env torch.utils._config_module "
            + "code.interact code.InteractiveInterpreter code.InteractiveConsole code.compile_command test.support uuid._get_command_stdout uuid._popen platform.popen platform._syscmd_ver logging.config "
            + "torch.utils.data.datapipes torch.utils.tensorboard torch._appdirs torch._deploy torch._lobpcg torch.cuda.jiterator numpy.testing numpy.f2py numpy.distutils joblib.parallel joblib.externals pandas.core.computation"));

    /// <summary>Single functions.</summary>
    private static readonly FrozenDictionary<string, string> Functions = Index(
        (Loads, "torch.load torch.compile torch.import_ir_module numpy.load numpy.loads numpy.genfromtxt numpy.loadtxt numpy.memmap joblib.load joblib.numpy_pickle.load pandas.read_pickle pandas.eval pandas.core.frame.DataFrame.eval"),
        (Files, "io.open io.open_code io.FileIO _io.open _io.open_code _io.FileIO _pyio.open _pyio.FileIO logging.FileHandler torch.save torch.from_file numpy.fromfile numpy.save numpy.savez numpy.savetxt numpy.core.multiarray.fromfile numpy._core.multiarray.fromfile joblib.dump pathlib.Path.unlink"),
        (Reaches, "types.CodeType types.FunctionType types.LambdaType types.MethodType types.CellType new.code new.function copyreg.add_extension copy_reg.add_extension copyreg.pickle copy_reg.pickle copyreg.constructor numpy.vectorize numpy.frompyfunc numpy.fromfunction numpy.apply_along_axis numpy.piecewise"));

    private const int LongestModule = 6;

    private static readonly FrozenSet<string> HarmlessBuiltins = FrozenSet.ToFrozenSet(
        "set frozenset complex slice range xrange bytearray bytes list dict tuple int float bool str long unicode object None Ellipsis NotImplemented abs len max min sum sorted reversed enumerate zip print repr hash round isinstance issubclass basestring property staticmethod classmethod ValueError TypeError KeyError IndexError RuntimeError Exception".Split(' '));

    private static readonly FrozenSet<string> HarmlessDunders = FrozenSet.ToFrozenSet(["__main__", "__mp_main__", "__torch__", "__builtin__", "__builtins__"]);

    /// <summary>What an import can do; null when it is not known to do harm.</summary>
    public static string? Danger(string module, string name)
    {
        var fullName = $"{module}.{name}";
        if (AllowedGlobals.Find(fullName) is not null)
        {
            return null;
        }

        if (module is "builtins" or "__builtin__" or "__builtins__")
        {
            return HarmlessBuiltins.Contains(name) ? null : Reaches;
        }

        var parts = fullName.Split('.');
        return Functions.GetValueOrDefault(fullName)
            ?? Packages.GetValueOrDefault(parts[0])
            ?? parts.Select(part => Anywhere.GetValueOrDefault(part) ?? Anywhere.GetValueOrDefault(part.TrimStart('_'))).FirstOrDefault(danger => danger is not null)
            ?? (parts.Any(IsInternal) ? Reaches : null)
            ?? InModule(parts);
    }

    private static string? InModule(string[] parts)
    {
        for (var count = 2; count <= Math.Min(parts.Length, LongestModule); count++)
        {
            if (Modules.TryGetValue(string.Join('.', parts.Take(count)), out var danger))
            {
                return danger;
            }
        }

        return null;
    }

    // __globals__, __class__, __subclasses__ and their like lead from anything to everything.
    private static bool IsInternal(string part) =>
        part.Length > 4 && part.StartsWith("__", StringComparison.Ordinal) && part.EndsWith("__", StringComparison.Ordinal) && !HarmlessDunders.Contains(part);

    private static FrozenDictionary<string, string> Index(params (string Danger, string Names)[] lists) =>
        lists.SelectMany(list => list.Names.Split(' ').Select(name => (Name: name, list.Danger))).ToFrozenDictionary(pair => pair.Name, pair => pair.Danger);
}
