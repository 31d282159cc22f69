namespace ModelGarden.Formats.TensorFlow;

/// <summary>What an operator can do beyond arithmetic.</summary>
internal readonly record struct OperatorWeight(FindingSeverity Severity, string What);

/// <summary>TensorFlow's operators that reach out of the graph: to files, to Python, to other machines.</summary>
internal static class Operators
{
    public static OperatorWeight? Weigh(string name) => name switch
    {
        "PyFunc" or "PyFuncStateless" or "EagerPyFunc" => new(FindingSeverity.Malicious, "calls Python when the graph runs"),
        "WriteFile" => new(FindingSeverity.Malicious, "writes a file when the graph runs"),
        "SaveDataset" or "SaveDatasetV2" => new(FindingSeverity.Suspicious, "writes files when the graph runs"),
        "ReadFile" or "MatchingFiles" or "WholeFileReader" or "WholeFileReaderV2" or "TextLineDataset" or "TFRecordDataset" or "FixedLengthRecordDataset" or "ImmutableConst" or "LoadDataset" =>
            new(FindingSeverity.Suspicious, "reads files when the graph runs"),
        "DebugIdentity" or "DebugIdentityV2" or "DebugIdentityV3" => new(FindingSeverity.Suspicious, "writes tensors to wherever it is told"),
        "Rpc" or "TryRpc" or "RpcCall" => new(FindingSeverity.Malicious, "calls another machine when the graph runs"),
        "DatasetFromGraph" => new(FindingSeverity.Suspicious, "runs a graph that is hidden in a text"),
        _ => null,
    };

    /// <summary>True for those that take the name of a file: what it is given must not be a place outside.</summary>
    public static bool TakesPath(string name) => name is "Save" or "SaveV2" or "SaveSlices" or "Restore" or "RestoreV2" or "RestoreSlice" or "MergeV2Checkpoints" or "ShardedFilename"
        or "InitializeTableFromTextFile" or "InitializeTableFromTextFileV2" or "ReadFile" or "WriteFile" or "MatchingFiles" or "TextLineDataset" or "TFRecordDataset" or "FixedLengthRecordDataset";

    public static bool IsOutside(string path) =>
        path.StartsWith('/') || path.StartsWith('~') || path.Contains("://", StringComparison.Ordinal) || path.Contains('\\', StringComparison.Ordinal)
        || (path.Length > 2 && path[1] == ':' && char.IsAsciiLetter(path[0])) || path.Split('/').Contains("..");
}
