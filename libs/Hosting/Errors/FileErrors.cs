using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Errors;

/// <summary>What is said alike by all who give files.</summary>
public static class FileErrors
{
    /// <summary>A file that is not clean, to whoever may not have such.</summary>
    /// <param name="file">What it is called, as it begins a sentence.</param>
    /// <param name="verdict">What was found of it; anything but bad: it waits for that.</param>
    /// <param name="finding">The first reason, if there is one.</param>
    public static Error NotClean(string file, Verdict verdict, Finding? finding) => Error.Denied("FILE_NOT_CLEAN", verdict is Verdict.Suspicious or Verdict.Malicious
        ? $"{file} was found {verdict.ToString().ToLowerInvariant()}: {finding?.Message ?? "see its findings"}; only reviewers may read it"
        : $"{file} has not been examined yet: try again soon");
}
