using System.Text.RegularExpressions;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Scans;

/// <summary>
/// Looks through the JSON that Keras describes a model with, wherever it lies (an archive's member, an attribute in HDF5, a protobuf), for layers that are code,
/// modules that loading imports, and files that it reads.
/// </summary>
/// <param name="findings">Where findings go.</param>
/// <param name="isModel">The content is Keras' own; else what is not clear from a layer's name alone counts only when the rest looks like Keras.</param>
internal sealed partial class KerasScanner(Findings findings, bool isModel) : IScanner
{
    private const int Maximum = 20;
    private readonly List<Finding> _held = [];
    private readonly HashSet<string> _said = [];
    private bool _isModel = isModel;

    public void Look(ReadOnlySpan<char> text, int begin, int end, long offset)
    {
        _isModel |= Mark().IsMatch(text, begin);
        foreach (var match in Field().EnumerateMatches(text, begin))
        {
            if (match.Index >= end)
            {
                break;
            }

            Weigh(text.Slice(match.Index, match.Length), offset + match.Index);
        }

        foreach (var match in Hidden().EnumerateMatches(text, begin))
        {
            if (match.Index < end)
            {
                Hold("keras.spelling", FindingSeverity.Suspicious, "letters are spelled as escapes, or names stand far from their values: that hides what a layer is", offset + match.Index);
            }

            break;
        }
    }

    public void Finish()
    {
        foreach (var finding in _held.Where(_ => _isModel))
        {
            findings.Add(finding);
        }
    }

    private void Weigh(ReadOnlySpan<char> field, long offset)
    {
        var quote = field[1..].IndexOf('"') + 1;
        var key = field[1..quote];
        var rest = field[(quote + 1)..];
        var value = rest[(rest.IndexOf('"') + 1)..^1].ToString();
        switch (key)
        {
            case "class_name" when value is "Lambda" or "__lambda__":
                Say("keras.lambda", FindingSeverity.Suspicious, $"the model has a layer '{value}', which is Python code that loading or calling it runs", offset);
                break;
            case "class_name" when value is "TorchModuleWrapper":
                Say("keras.lambda", FindingSeverity.Suspicious, "the model has a layer 'TorchModuleWrapper', which is a pickle that loading it runs", offset);
                break;
            case "module" when IsDangerous(value):
                Hold("keras.module", FindingSeverity.Malicious, $"loading the model imports the module '{Text.Shorten(value)}'", offset);
                break;
            case "module" when !IsKeras(value):
                Hold("keras.module", FindingSeverity.Suspicious, $"loading the model imports the module '{Text.Shorten(value)}', which is not Keras' own", offset);
                break;
            case "config" or "function" when value is "eval" or "exec" or "compile" or "open" or "__import__" or "getattr" or "setattr" or "breakpoint" or "input" or "system" or "popen":
                Hold("keras.function", FindingSeverity.Malicious, $"the model calls the function '{value}'", offset);
                break;
            case "config" or "function" when value is "get_file" or "load_model" or "load_img" or "run" or "Popen" || IsOperation(value):
                Hold("keras.function", FindingSeverity.Suspicious, $"the model calls '{Text.Shorten(value)}', which reaches out of it", offset);
                break;
            case "vocabulary" or "vocabulary_path" or "path" when TensorFlow.Operators.IsOutside(value):
                Hold("keras.file", FindingSeverity.Suspicious, $"loading the model reads '{Text.Shorten(value)}'", offset);
                break;
            default:
                break;
        }
    }

    private static bool IsKeras(string module) =>
        module is "builtins" or "keras" or "tf_keras" or "tensorflow" || module.StartsWith("keras.", StringComparison.Ordinal) || module.StartsWith("tf_keras.", StringComparison.Ordinal)
        || module.StartsWith("keras_", StringComparison.Ordinal) || module.StartsWith("tensorflow.keras", StringComparison.Ordinal) || module.StartsWith("tensorflow.python.keras", StringComparison.Ordinal);

    private static bool IsDangerous(string module) =>
        module.Split('.')[0] is "os" or "posix" or "nt" or "subprocess" or "sys" or "shutil" or "runpy" or "pty" or "importlib" or "code" or "ctypes" or "socket" or "pickle" or "marshal" or "commands" or "webbrowser" or "timeit" or "pdb" or "cProfile";

    // What Keras wraps of TensorFlow: reading, writing, and Python.
    private static bool IsOperation(string function) =>
        function.StartsWith("io.", StringComparison.Ordinal) || function.StartsWith("raw_ops.", StringComparison.Ordinal) || function.StartsWith("compat.", StringComparison.Ordinal)
        || function.Contains("py_function", StringComparison.Ordinal) || function.Contains("numpy_function", StringComparison.Ordinal) || function.StartsWith("load_", StringComparison.Ordinal);

    private void Say(string rule, FindingSeverity severity, string message, long offset)
    {
        if (_said.Count < Maximum && _said.Add(message))
        {
            findings.Add(new(rule, severity, message, offset));
        }
    }

    private void Hold(string rule, FindingSeverity severity, string message, long offset)
    {
        if (_held.Count < Maximum && _said.Add(message))
        {
            _held.Add(new(rule, severity, message, offset));
        }
    }

    [GeneratedRegex("""
        "(?:class_name|module|config|function|vocabulary|vocabulary_path|path)"\s{0,64}:\s{0,64}"[^"\\]{1,200}"
        """)]
    private static partial Regex Field();

    [GeneratedRegex("""
        "(?:class_name|module|config|function)"(?:\s{65}|\s{0,64}:\s{65})|\\u00(?:[46][1-9a-fA-F]|[57][0-9aA])
        """)]
    private static partial Regex Hidden();

    [GeneratedRegex("\"registered_name\"|\"keras_version\"|\"class_name\"\\s{0,64}:\\s{0,64}\"(?:Functional|Sequential|Model)\"")]
    private static partial Regex Mark();
}
