using ModelGarden.Formats;

namespace ModelGarden.Scanning;

/// <summary>Looks at files whole, beside the examiner of formats. A new one is a class, and a line in <see cref="ScanningSetup"/>.</summary>
public interface IFileScanner
{
    /// <summary>Name and version of its rules: files that another looked at, or none, are examined again. Null: it is not configured.</summary>
    string? Signature { get; }

    /// <summary>What it finds in the file; nothing for one that it knows nothing against.</summary>
    /// <exception cref="ScannerUnavailableException">It cannot look now: the file stays pending.</exception>
    Task<IReadOnlyList<Finding>> ScanAsync(Stream content, long length, CancellationToken cancellationToken);
}

/// <summary>A scanner that is configured does not answer as it should.</summary>
public sealed class ScannerUnavailableException(string message, Exception? inner = null) : IOException(message, inner);
