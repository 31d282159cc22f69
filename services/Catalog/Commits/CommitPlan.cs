using System.Globalization;
using ModelGarden.Catalog.Cards;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Revisions;

namespace ModelGarden.Catalog.Commits;

/// <summary>One thing that a commit does.</summary>
internal abstract record PlannedOperation(FilePath Path);

internal sealed record PutSmall(FilePath Path, byte[] Content) : PlannedOperation(Path);

/// <param name="Path">Where the file goes.</param>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Size">Null: as Artifacts has it.</param>
internal sealed record PutLarge(FilePath Path, Sha256Digest Sha256, long? Size) : PlannedOperation(Path);

internal sealed record Delete(FilePath Path, bool IsRecursive) : PlannedOperation(Path);

/// <param name="Path">Where the copy goes.</param>
/// <param name="From">The file that is copied, in <paramref name="Revision"/>.</param>
/// <param name="Revision">Empty: the branch's head.</param>
internal sealed record Copy(FilePath Path, FilePath From, string Revision) : PlannedOperation(Path);

/// <summary>A commit that someone asked for, checked as far as it can be without looking at the repository.</summary>
internal sealed record CommitPlan
{
    public const int MaximumSmallFile = 1 << 20;
    private const int MaximumOperations = 50_000;
    private const int MaximumSummary = 512;
    private const int MaximumDescription = 64 * 1024;
    private const int ShortestParent = 7;

    public required RefName Branch { get; init; }

    /// <summary>It opens a pull request, and leaves the branch where it is.</summary>
    public bool OpensPullRequest { get; init; }

    /// <summary>A commit id or its beginning; empty: wherever the branch is.</summary>
    public required string Parent { get; init; }

    public required string Summary { get; init; }

    public required string Description { get; init; }

    public required IReadOnlyList<PlannedOperation> Operations { get; init; }

    public static Result<CommitPlan> Read(CreateCommitRequest request)
    {
        var branch = RefName.Branch(request.Branch);
        if (branch.Error is { } badBranch)
        {
            return badBranch;
        }

        if (Fault(request) is { } fault)
        {
            return fault;
        }

        var operations = new List<PlannedOperation>(request.Operations.Count);
        foreach (var (i, operation) in request.Operations.Index())
        {
            var read = Read(operation, i);
            if (read.Error is { } error)
            {
                return error;
            }

            operations.Add(read.Value);
        }

        return new CommitPlan
        {
            Branch = branch.Value,
            OpensPullRequest = request.CreatePullRequest,
            Parent = request.Parent,
            Summary = request.Summary.Trim(),
            Description = request.Description.ReplaceLineEndings("\n").Trim('\n'),
            Operations = operations,
        };
    }

    private static Error? Fault(CreateCommitRequest request)
    {
        var summary = request.Summary.Trim();
        return request switch
        {
            _ when summary.Length is 0 => Error.Invalid("BAD_SUMMARY", "summary is empty: say in one line what the commit does"),
            _ when summary.Length > MaximumSummary => Error.Invalid("BAD_SUMMARY", $"summary is longer than {MaximumSummary} characters: put the rest into description"),
            _ when summary.Any(char.IsControl) => Error.Invalid("BAD_SUMMARY", "summary has a line break or control character: put further lines into description"),
            _ when request.Description.Length > MaximumDescription => Error.Invalid("BAD_DESCRIPTION", $"description is longer than {MaximumDescription} characters"),
            _ when request.Description.Contains('\0', StringComparison.Ordinal) => Error.Invalid("BAD_DESCRIPTION", "description has a zero character"),
            _ when request.Operations.Count > MaximumOperations => Error.Invalid(
                "TOO_MANY_OPERATIONS", string.Create(CultureInfo.InvariantCulture, $"{request.Operations.Count} operations: at most {MaximumOperations} go into one commit, split it")),
            { CreatePullRequest: true } when request.Branch is not ("" or "main" or RefName.Default) => Error.Invalid("BAD_REF_NAME", $"'{Text.Shorten(request.Branch)}': pull requests are opened against main only"),
            { CreatePullRequest: true } when summary.Length is < 3 or > 200 => Error.Invalid("BAD_TITLE", "summary becomes the title of the pull request: 3 to 200 characters are expected"),
            _ when !IsParent(request.Parent) => Error.Invalid("BAD_PARENT", $"parent '{Text.Shorten(request.Parent)}' is no commit id: {ShortestParent} to 40 lowercase hexadecimal digits"),
            _ => null,
        };
    }

    private static bool IsParent(string parent) => parent.Length is 0 || (parent.Length is >= ShortestParent and <= 40 && parent.All(char.IsAsciiHexDigitLower));

    private static Result<PlannedOperation> Read(Operation operation, int index) => operation.OperationCase switch
    {
        Operation.OperationOneofCase.AddFile => ReadAddFile(operation.AddFile),
        Operation.OperationOneofCase.AddLargeFile => ReadAddLargeFile(operation.AddLargeFile),
        Operation.OperationOneofCase.DeletePath => WithPath(FolderPath(operation.DeletePath), path => new Delete(path, operation.DeletePath.Recursive)),
        Operation.OperationOneofCase.CopyFile => WithPath(operation.CopyFile.ToPath, to =>
            WithPath(operation.CopyFile.FromPath, from => new Copy(to, from, operation.CopyFile.FromRevision))),
        _ => Error.Invalid("BAD_OPERATION", string.Create(CultureInfo.InvariantCulture, $"operation {index} is empty: one of add_file, add_large_file, delete_path, copy_file is expected")),
    };

    private static Result<PlannedOperation> ReadAddFile(AddFile add) => WithPath(add.Path, path =>
    {
        if (add.Content.Length > MaximumSmallFile)
        {
            return Error.Invalid("INLINE_TOO_LARGE", $"'{path}' has {add.Content.Length} bytes: at most {MaximumSmallFile} go into a commit, upload it as a large file");
        }

        // A pointer written by hand is held to what holds for the file it points to.
        return LargeFilePointer.Read(add.Content.Span) is { } pointer
            ? new PutLarge(path, pointer.Sha256, pointer.Size)
            : new PutSmall(path, add.Content.ToByteArray());
    });

    private static Result<PlannedOperation> ReadAddLargeFile(AddLargeFile add) => WithPath(add.Path, path =>
    {
        var digest = Sha256Digest.Create(add.Sha256);
        return digest.Error is { } error ? error with { Message = $"'{path}': {error.Message}" }
            : path.Value is GitAttributes.FileName ? Error.Invalid("BAD_PATH", $"'{path}' must be a small file, so that git can read it")
            : path.Value is CardReading.FileName ? Error.Invalid("CARD_INVALID", $"'{path}' must be a small file of at most {MaximumSmallFile} bytes, so that its card can be read")
            : add.Size < 0 ? Error.Invalid("SIZE_MISMATCH", $"'{path}' has a negative size")
            : new PutLarge(path, digest.Value, add.Size is 0 ? null : add.Size);
    });

    private static string FolderPath(DeletePath delete) => delete.Recursive ? delete.Path.TrimEnd('/') : delete.Path;

    private static Result<PlannedOperation> WithPath(string text, Func<FilePath, Result<PlannedOperation>> make)
    {
        var path = FilePath.Create(text);
        return path.Error is { } error ? error : make(path.Value);
    }
}
