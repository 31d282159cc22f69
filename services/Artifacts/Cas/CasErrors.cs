using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Every refusal of the Xet protocol. Its clients send again what is refused with 429 or 503: only what may succeed then is.</summary>
internal static class CasErrors
{
    public static readonly Error BadToken = Error.Unauthenticated("BAD_XET_TOKEN", "the token is none that this garden gave for the xet protocol: ask the hub for one");

    public static readonly Error TokenExpired = Error.Unauthenticated("XET_TOKEN_EXPIRED", "the token has expired: ask the hub for a new one");

    public static readonly Error ReadOnly = Error.Denied("READ_ONLY", "the token reads files only: ask the hub for a write token");

    public static readonly Error RangeNotAllowed = Error.Denied("RANGE_NOT_ALLOWED", "the url is good for other ranges than the one asked for: ask for the file's reconstruction again");

    public static readonly Error TooManyTerms = Error.Invalid(
        "TOO_MANY_TERMS", $"the answer would have more than {CasLimits.TermsOfAnAnswer} terms: ask for ranges of large files, and for fewer files at once");

    public static readonly Error ChunkNotFound = Error.NotFound("CHUNK_NOT_FOUND", "the tenant has no such chunk");

    public static readonly Error NotServed = Error.NotFound("NOT_SERVED", "this garden does not serve this path of the xet protocol");

    public static readonly Error NoFiles = Error.Invalid(
        "NO_FILES", $"1 to {CasLimits.FilesOfABatch} files are expected: file_id=<xet hash> in the query, or [{{\"prefix\":\"default\",\"hash\":\"<xet hash>\"}}] as json body");

    public static readonly Error Failed = Error.Unavailable("INTERNAL", "an unexpected error, the service's log has it: send the shard again");

    public static readonly Error Damaged = Error.Conflict("DAMAGED", "stored bytes that the shard refers to are damaged, the service's log says which: the operator can mend them");

    public static Error FileNotFound(XetHash hash) => Error.NotFound("FILE_NOT_FOUND", $"there is no file {hash} that this token reads");

    public static Error XorbNotFound(XetHash hash) => Error.NotFound("XORB_NOT_FOUND", $"the tenant has no xorb {hash}");

    public static Error BeyondTheEnd(long size) => Error.Invalid("RANGE_NOT_SATISFIABLE", $"the file has {size} bytes: the range begins behind them");

    public static Error TooLong(BodyLimit limit) => Error.Exhausted("BODY_TOO_LARGE", $"the {limit.What} is longer than {limit.Bytes} bytes: nothing was kept");

    public static readonly Error ShardsBusy = Error.Unavailable("SHARDS_BUSY", $"other shards are being checked for more than {ShardGate.Patience.TotalMinutes} minutes: send this one again later");

    public static Error TooSlow(BodyLimit limit) => Error.Unavailable("BODY_TOO_SLOW", $"the {limit.What} did not come within {limit.Time.TotalMinutes} minutes: nothing was kept, send it again");

    public static Error TooManyShards(int limit) => Error.Exhausted("TOO_MANY_SHARDS", $"{limit} shards of this tenant are waiting to be checked: send this one again when some are done");

    public static Error BadShard(string what, string fault) => Error.Invalid("BAD_SHARD", $"{what} of the shard: {fault}; nothing of the shard was registered");
}
