using Google.Protobuf;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hosting.Access;

/// <summary>Holds the requests of a caller whose token is for one repository against the field in which their access rule says that they name it.</summary>
/// <param name="caller">Whose.</param>
/// <param name="field">The rule's: names with dots between, <c>*</c>, or empty.</param>
internal sealed class RepositoryBound(Caller caller, string field)
{
    private const string Kind = "kind";

    /// <summary>Throws the refusal of a request that is about anything else. One that does not say which kind of repository it is about is about the token's from here on.</summary>
    public void Hold(object request)
    {
        if (field is "*")
        {
            return;
        }

        var path = field.Split('.', StringSplitOptions.RemoveEmptyEntries);
        var place = path.SkipLast(1).Aggregate(request as IMessage, (message, name) => ValueOf(message, name) as IMessage);
        var name = path is [.., var last] ? ValueOf(place, last) as string : null;
        if (caller.BoundFault(name ?? "", KindIn(place)) is { } refusal)
        {
            throw new ErrorException(refusal);
        }
    }

    private RepositoryKind KindIn(IMessage? place)
    {
        if (ValueOf(place, Kind) is not RepositoryKind kind)
        {
            return RepositoryKind.Model;
        }

        if (kind is RepositoryKind.Unspecified)
        {
            kind = RepositoryPaths.Split(caller.Principal.Repository).Kind;
            place!.Descriptor.FindFieldByName(Kind).Accessor.SetValue(place, kind);
        }

        return kind;
    }

    private static object? ValueOf(IMessage? message, string name) => message?.Descriptor.FindFieldByName(name)?.Accessor.GetValue(message);
}

/// <summary>A stream of requests whose first one is held against the bound.</summary>
internal sealed class BoundStream<TRequest>(IAsyncStreamReader<TRequest> requests, RepositoryBound bound) : IAsyncStreamReader<TRequest>
    where TRequest : class
{
    private bool _isHeld;

    public TRequest Current => requests.Current;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        var isThere = await requests.MoveNext(cancellationToken);
        if (isThere && !_isHeld)
        {
            bound.Hold(requests.Current);
            _isHeld = true;
        }

        return isThere;
    }
}
