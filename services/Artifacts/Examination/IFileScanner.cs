namespace ModelGarden.Artifacts.Examination;

/// <summary>Looks at stored files whole, beside the examiner of formats. A new one is a class, and a line in <see cref="ArtifactsModule"/>.</summary>
internal interface IFileScanner
{
    /// <summary>Name and version of its rules: files that another looked at, or none, are examined again. Null: it is not configured.</summary>
    string? Signature { get; }

    /// <summary>What it finds in the file; nothing for one that it knows nothing against.</summary>
    /// <exception cref="ScannerUnavailableException">It cannot look now: the file stays pending.</exception>
    Task<IReadOnlyList<Formats.Finding>> ScanAsync(Stream content, long length, CancellationToken cancellationToken);
}

/// <summary>A scanner that is configured does not answer as it should.</summary>
internal sealed class ScannerUnavailableException(string message, Exception? inner = null) : IOException(message, inner);
