using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Every refusal of the Xet protocol.</summary>
internal static class CasErrors
{
    public static readonly Error BadToken = Error.Unauthenticated("BAD_XET_TOKEN", "the token is none that this garden gave for the xet protocol: ask the hub for one");

    public static readonly Error TokenExpired = Error.Unauthenticated("XET_TOKEN_EXPIRED", "the token has expired: ask the hub for a new one");

    public static readonly Error ReadOnly = Error.Denied("READ_ONLY", "the token reads only: ask the hub for a write token");

    public static readonly Error RangeNotAllowed = Error.Denied("RANGE_NOT_ALLOWED", "the url is good for other ranges than the one asked for");

    public static readonly Error ChunkNotFound = Error.NotFound("CHUNK_NOT_FOUND", "the tenant has no such chunk");

    public static readonly Error NoFiles = Error.Invalid("NO_FILES", "no file is named: file_id=<xet hash> is expected, up to 1000 times");

    public static Error FileNotFound(XetHash hash) => Error.NotFound("FILE_NOT_FOUND", $"there is no file {hash} that this token reads");

    public static Error XorbNotFound(XetHash hash) => Error.NotFound("XORB_NOT_FOUND", $"the tenant has no xorb {hash}");

    public static Error ShardTooLong(long limit) => Error.Exhausted("SHARD_TOO_LONG", $"the shard is longer than {limit} bytes");

    public static Error BadShard(string what, string fault) => Error.Invalid("BAD_SHARD", $"{what} of the shard: {fault}; nothing of the shard was registered");
}
