using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Search.Similarity;

/// <summary>Reads how many are wanted, or says what is wrong with the request.</summary>
internal static class SimilarReader
{
    private const int DefaultLimit = 10;
    private const int Most = 50;
    private const int LongestName = 200;

    public static Result<int> Read(SimilarRequest request) => request switch
    {
        { Name.Length: > LongestName } => SearchErrors.TextTooLong("name", request.Name.Length, LongestName),
        { Limit: < 0 or > Most } => SearchErrors.BadLimit(request.Limit, Most),
        { Limit: 0 } => DefaultLimit,
        _ => request.Limit,
    };
}
