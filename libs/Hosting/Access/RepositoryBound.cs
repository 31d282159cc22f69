using Google.Protobuf;
using Grpc.Core;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Access;

/// <summary>Holds the requests of a caller whose token is for one repository against the field in which their access rule says that they name it.</summary>
/// <param name="caller">Whose.</param>
/// <param name="field">The rule's: names with dots between, <c>*</c>, or empty.</param>
internal sealed class RepositoryBound(Caller caller, string field)
{
    /// <summary>Throws the refusal of a request that is about anything else.</summary>
    public void Hold(object request)
    {
        if (field is not "*" && caller.BoundFault(NameIn(request)) is { } refusal)
        {
            throw new ErrorException(refusal);
        }
    }

    private string NameIn(object request)
    {
        var value = request;
        foreach (var name in field.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            value = value is IMessage message ? message.Descriptor.FindFieldByName(name)?.Accessor.GetValue(message) : null;
        }

        return value as string ?? "";
    }
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
