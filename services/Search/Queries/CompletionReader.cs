using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Search.Queries;

/// <summary>Reads how many names are wanted, or says what is wrong with the request.</summary>
internal static class CompletionReader
{
    private const int DefaultLimit = 10;
    private const int MostNames = 50;
    private const int LongestBeginning = 200;

    public static Result<int> Read(CompleteRequest request) => request switch
    {
        { Beginning.Length: > LongestBeginning } => SearchErrors.BeginningTooLong(request.Beginning.Length, LongestBeginning),
        { Limit: < 0 or > MostNames } => SearchErrors.BadLimit(request.Limit, MostNames),
        { Limit: 0 } => DefaultLimit,
        _ => request.Limit,
    };
}
