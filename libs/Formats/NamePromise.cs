using ModelGarden.Kernel;

namespace ModelGarden.Formats;

/// <summary>
/// What a file's name promises of its content. Content that is kept under its digest alone is examined once, without a name, for it may have many: each of them is
/// then held against what was found.
/// </summary>
public static class NamePromise
{
    // What these are is known by their names alone: tools run, or interpret, whatever text stands in them.
    private static readonly string[] ByNameAlone = [".py", ".pyw", ".pyi", ".pyc", ".jinja", ".jinja2", ".j2", ".pbtxt"];

    /// <summary>What is wrong with content, examined without a name, under this one; null: nothing.</summary>
    /// <param name="path">The file's name, or path in the repository.</param>
    /// <param name="recognised">The content's <see cref="Examination.Recognised"/> as a word, in any case; of content that older rules examined, nothing.</param>
    public static Finding? Fault(string path, string recognised)
    {
        ArgumentNullException.ThrowIfNull(path);
        var format = Enum.TryParse<FileFormat>(recognised, ignoreCase: true, out var known) ? known : (FileFormat?)null;
        var ending = FileNames.EndingOf(path);
        return Of(path) switch
        {
            _ when ByNameAlone.Contains(ending) => Unexamined($"'{Text.Shorten(path)}' is examined by what its name makes of it, which is done for small files only: commit it as one, of at most 1 MiB, not by LFS or Xet"),
            [] when ending is not (".pb" or ".meta") => null,
            _ when format is null => Unexamined($"what '{Text.Shorten(path)}' is by its content was not said by the rules that examined it: it is examined again soon"),
            // TensorFlow reads these as graphs: what is none by its bytes may still be one for it.
            [] => format is FileFormat.SavedModel or FileFormat.Onnx ? null : Unexamined($"'{Text.Shorten(path)}' may be a graph by its name and is none that is known by its content: give it another ending if it is something else"),
            var promised => promised.Contains(format.Value) ? null : Broken(path, promised[0], format.Value),
        };
    }

    /// <summary>The formats that a name promises, the first of them the usual one; none for a name that promises nothing.</summary>
    internal static FileFormat[] Of(string fileName) => FileNames.EndingOf(fileName) switch
    {
        ".safetensors" => [FileFormat.Safetensors],
        ".gguf" => [FileFormat.Gguf],
        ".onnx" => [FileFormat.Onnx],
        // Joblib packs pickles, and torch's oldest files are tars.
        ".pt" or ".pth" or ".pkl" or ".pickle" or ".joblib" => [FileFormat.Pickle, FileFormat.Zip, FileFormat.Tar, FileFormat.Gzip, FileFormat.Zlib],
        // Of TensorFlow's first version, too, which is nothing known here.
        ".ckpt" => [FileFormat.Pickle, FileFormat.Zip, FileFormat.Tar, FileFormat.Gzip, FileFormat.Zlib, FileFormat.Binary],
        ".zip" or ".npz" => [FileFormat.Zip],
        ".npy" => [FileFormat.Numpy],
        ".json" or ".ipynb" => [FileFormat.Json],
        ".jsonl" => [FileFormat.Json, FileFormat.Text],
        ".tar" => [FileFormat.Tar],
        ".gz" or ".tgz" => [FileFormat.Gzip],
        ".h5" or ".hdf5" => [FileFormat.Hdf5],
        ".keras" => [FileFormat.Zip, FileFormat.Hdf5],
        ".md" => [FileFormat.Markdown, FileFormat.Text, FileFormat.Json, FileFormat.Empty],
        _ => [],
    };

    internal static Finding Broken(string fileName, FileFormat usual, FileFormat recognised) =>
        new("name.promise", FindingSeverity.Suspicious, $"'{Text.Shorten(fileName)}' promises {usual} by its name and is {recognised} by its content");

    private static Finding Unexamined(string message) => new("name.unexamined", FindingSeverity.Suspicious, message);
}
