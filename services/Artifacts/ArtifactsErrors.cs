using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts;

/// <summary>Every refusal of this service, in one place.</summary>
internal static class ArtifactsErrors
{
    public static readonly Error NoTenant = Error.Denied("NO_TENANT", "files are uploaded into a tenant: call on behalf of one of its members");

    public static readonly Error BadSignature = Error.Denied("BAD_SIGNATURE", "the signature does not belong to this url: ask for a new url, and use it as it is");

    public static readonly Error UrlExpired = Error.Denied("URL_EXPIRED", "the url has expired: ask for a new one");

    public static readonly Error SessionNotFound = Error.NotFound("UPLOAD_NOT_FOUND", "this upload is not known any more: prepare it again");

    public static readonly Error BadCompletion = Error.Invalid("BAD_COMPLETION", "the body is not {\"oid\",\"parts\":[{\"partNumber\",\"etag\"}]} in JSON");

    private const string MoreRoom = "delete repositories and wait until they are collected, or have an operator of the garden raise the limit (SetStorageQuota)";

    public static readonly Error StorageFull = Error.Unavailable("STORAGE_FULL", "the store has no room left: nothing was kept; the operator can add some");

    public static readonly Error NotMultipart = Error.Invalid("NOT_MULTIPART", "this upload takes the whole file in one request");

    public static readonly Error Multipart = Error.Invalid("MULTIPART", "this upload takes parts: use their urls");

    public static readonly Error AlreadyComplete = Error.Conflict("ALREADY_COMPLETE", "this upload is complete: there is nothing more to send");

    public static readonly Error FileGone = Error.NotFound(
        "FILE_GONE", "the file of this upload was collected after it had come, as no repository has it: prepare its upload again, send it again, and commit it");

    public static readonly Error BadAppend = Error.Invalid(
        "BAD_APPEND", "an append has Content-Type: application/partial-upload, Upload-Offset: and a number of bytes, Upload-Complete: ?0 or, with the last bytes, ?1");

    public static readonly Error DigestMissing = Error.Invalid("DIGEST_MISSING", "an append has Content-Digest: sha-256=:(base64): of its body (RFC 9530)");

    public static Error DigestMismatch(Sha256Digest expected, Sha256Digest got) => Error.Invalid(
        "DIGEST_MISMATCH", $"the body has the sha256 {got}, not {expected} as its Content-Digest says: nothing of it was kept, send it again");

    public static Error OffsetMismatch(long expected, long got) => Error.Conflict("OFFSET_MISMATCH", $"the upload is at byte {expected}, not {got}: go on from there");

    public static Error NotTheEnd(long left) => Error.Invalid("NOT_THE_END", $"{left} bytes are missing after this: Upload-Complete is ?1 only with the last ones, or when all have come");

    public static Error TooSlow(TimeSpan limit) => Error.Unavailable("BODY_TOO_SLOW", $"the body did not come within {limit.TotalMinutes:0} minutes: nothing of it was kept, send it again");

    public static Error BadSize(long size) => Error.Invalid("BAD_SIZE", $"size {size} is not a file's: 0 or more bytes are expected");

    public static Error BadFileName(string name) => Error.Invalid("BAD_FILE_NAME", $"file name '{Text.Shorten(name)}' is longer than 1024 characters or has control characters");

    public static Error TooLarge(long size, long limit) => Error.Exhausted("FILE_TOO_LARGE", $"the file has {size} bytes, more than the {limit} that this garden takes (Garden:Artifacts:MaximumFileSize)");

    public static Error TooLargeForOneRequest(long size, long limit) => Error.Exhausted(
        "FILE_TOO_LARGE", $"the file has {size} bytes, more than the {limit} that may come in one request (Garden:Artifacts:SinglePutLimit): use a client that sends parts");

    public static Error TooManyUploads(int limit) => Error.Exhausted("TOO_MANY_UPLOADS", $"{limit} uploads of this tenant are begun and not finished: finish some, or wait until they expire");

    public static Error QuotaLogical(string tenant, long limit, long used, long announced, long size) => Error.Exhausted(
        "QUOTA_LOGICAL", $"{tenant} may keep {limit} bytes of files and has {used}{(announced > 0 ? $", with {announced} more in uploads that are begun" : "")}: there is no room for {size} more; {MoreRoom}");

    // More is null where it is not known yet how much.
    public static Error QuotaStored(string tenant, long limit, long used, long? more) => Error.Exhausted(
        "QUOTA_STORED", $"the files of {tenant} may take {limit} bytes in the store and take {used}: there is no room for {(more is null ? "" : $"{more} ")}more; {MoreRoom}");

    public static Error QuotaSent(string tenant, long limit, long sent, long more) => Error.Exhausted(
        "QUOTA_SENT", $"{tenant} may have sent {limit} bytes of xorbs and parts lately, by twice its limit, and has sent {sent}, which take room until they expire whatever files are made of them: there is no room for {more} more; finish or abandon uploads and wait, or have an operator of the garden raise the limit (SetStorageQuota)");

    public static Error QuotaBusy(string tenant) => Error.Unavailable("QUOTA_BUSY", $"other files of {tenant} come and go while it is counted whether there is room for this one: send it again");

    public static Error BadQuota(long bytes) => Error.Invalid("BAD_QUOTA", $"{bytes} is no number of bytes: 0 (no limit) or more is expected, or nothing for the garden's own limit");

    public static Error NotYourTenant(string tenant) => Error.Denied("NOT_YOUR_TENANT", $"what {Text.Shorten(tenant)} keeps is told to its members and to operators of the garden");

    public static Error SizeDiffers(long size, long stored) => Error.Invalid("SIZE_DIFFERS", $"the file with this sha256 has {stored} bytes, not {size}");

    public static Error WrongLength(long expected, long got) => Error.Invalid("WRONG_LENGTH", $"the body has {got} bytes where {expected} were announced: nothing was kept");

    public static Error TooLong(long expected) => Error.Invalid("WRONG_LENGTH", $"the body is longer than the {expected} bytes that were announced: nothing was kept");

    public static Error WrongBytes(Sha256Digest expected, Sha256Digest got) => Error.Invalid(
        "WRONG_BYTES", $"the bytes that came have the sha256 {got}, not {expected} as announced: nothing was kept, send the file again");

    public static Error NoSuchPart(int number, int count) => Error.Invalid("NO_SUCH_PART", $"there is no part {number}: this upload has parts 1 to {count}");

    public static Error WrongOid(string? got) => Error.Invalid("WRONG_OID", $"oid '{Text.Shorten(got)}' is not the file that this upload is for");

    public static Error PartTwice(int number) => Error.Invalid("PART_TWICE", $"part {number} is listed more than once");

    public static Error PartMissing(int number, string where) => Error.Invalid("PART_MISSING", $"part {number} {where}: send it, and complete again");

    public static Error PartChanged(int number) => Error.Invalid("PART_CHANGED", $"part {number} is not the one that the completion's etag names: list the etag of its last upload");

    public static Error TooManyFiles(int count, int limit) => Error.Invalid("TOO_MANY_FILES", $"{count} files are asked for at once: at most {limit}");

    public static Error BadLifetime(int seconds) => Error.Invalid("BAD_LIFETIME", $"lifetime {seconds} is not 1 to 86400 seconds");

    public static Error FileWent(Sha256Digest digest) => Error.Conflict("FILE_WENT", $"bytes that file {digest} shares with others went, or were found damaged, while it was stored: send it again");

    public static Error FileNotFound(Sha256Digest digest) => Error.NotFound("FILE_NOT_FOUND", $"there is no file {digest}");

    public static Error TensorsTooSlow(Sha256Digest digest, TimeSpan patience) => Error.Exhausted("TENSORS_TOO_SLOW", $"reading which tensors file {digest} has takes longer than {patience}: try again later, or read its header yourself");

    public static Error BadRange(int skip, int count, int most) => Error.Invalid("BAD_RANGE", $"skip {skip} and count {count}: 0 or more, and 1 to {most}, are expected");

    public static Error Converted(Sha256Digest digest, string fileName, string target) => Error.Denied(
        "FILE_CONVERTED", $"file {digest} is given as safetensors only: take '{ConvertedPaths.Of(fileName) ?? target}' instead, which has the same tensors (sha256 {target}; Garden:Artifacts:Conversion)");

    public static Error NotClean(StoredFile file) => FileErrors.NotClean($"file {file.Sha256}", file.Verdict, file.Findings.FirstOrDefault());

    public static Error NotCleanByName(StoredFile file, Formats.Finding fault) => Error.Denied("FILE_NOT_CLEAN", $"file {file.Sha256}: {fault.Message}; only reviewers may read it");
}
