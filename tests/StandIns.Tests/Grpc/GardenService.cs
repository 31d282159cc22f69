using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using ModelGarden.StandIns.Tests.V1;

namespace ModelGarden.StandIns.Tests.Grpc;

/// <summary>Answers as each method's comment in the proto says.</summary>
internal sealed class GardenService(CallLog log) : Garden.GardenBase
{
    public const string Secret = "secret detail";

    public override Task<Model> Get(GetRequest request, ServerCallContext context) =>
        Task.FromResult(MakeModel(request.Name, 1));

    public override Task<Model> Fail(FailRequest request, ServerCallContext context)
    {
        var code = (StatusCode)request.Code;
        switch (request.Way)
        {
            case FailRequest.Types.Way.Exception:
                throw new RpcException(
                    new Status(code, "no such model: x é%"),
                    new Metadata { { "x-reason", "missing" }, { "x-detail-bin", [1, 2, 3, 250] } });
            case FailRequest.Types.Way.StatusOnContext:
                context.Status = new Status(code, "set on the context");
                return Task.FromResult(new Model());
            default:
                throw new InvalidOperationException(Secret);
        }
    }

    public override async Task<Model> Wait(GetRequest request, ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync([]);
        var cancelled = new TaskCompletionSource();
        using var registration = context.CancellationToken.Register(cancelled.SetResult);
        await cancelled.Task;
        log.Cancelled.TrySetResult();
        throw new OperationCanceledException(context.CancellationToken);
    }

    public override Task<Model> Grow(GrowRequest request, ServerCallContext context)
    {
        if (request.Uncompressed)
        {
            context.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
        }

        return Task.FromResult(new Model { Name = new string('m', request.Size) });
    }

    public override async Task<CallDescription> Describe(GetRequest request, ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync(new Metadata { { "x-early", "yes" }, { "x-early-bin", [9, 8] } });
        context.ResponseTrailers.Add("x-late", "also");
        var description = new CallDescription
        {
            Method = context.Method,
            Host = context.Host,
            Peer = context.Peer,
            Authenticated = context.AuthContext.IsPeerAuthenticated,
            SecondsLeft = context.Deadline == DateTime.MaxValue ? 0 : (context.Deadline - DateTime.UtcNow).TotalSeconds,
        };
        foreach (var property in context.AuthContext.Properties)
        {
            description.PeerProperties.Add(property.Name, property.Value);
        }

        foreach (var header in context.RequestHeaders)
        {
            description.Headers[header.Key] = header.IsBinary ? Convert.ToHexString(header.ValueBytes) : header.Value;
        }

        return description;
    }

    public override Task<EchoAnswer> Echo(EveryField request, ServerCallContext context) =>
        Task.FromResult(new EchoAnswer { Message = request, Json = EveryFields.Formatter.Format(request) });

    public override async Task List(ListRequest request, IServerStreamWriter<Model> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < request.Count; i++)
        {
            var name = (request.HasPrefix ? request.Prefix : "m") + i;
            await responseStream.WriteAsync(MakeModel(name, i), context.CancellationToken);
        }

        context.ResponseTrailers.Add("x-total", request.Count.ToString(CultureInfo.InvariantCulture));
    }

    public override async Task<UploadSummary> Upload(IAsyncStreamReader<Chunk> requestStream, ServerCallContext context)
    {
        var summary = new UploadSummary();
        await foreach (var chunk in requestStream.ReadAllAsync(context.CancellationToken))
        {
            summary.Bytes += chunk.Data.Length;
            summary.Chunks++;
        }

        return summary;
    }

    public override async Task Watch(
        IAsyncStreamReader<GetRequest> requestStream, IServerStreamWriter<Model> responseStream, ServerCallContext context)
    {
        for (var revision = 1; await requestStream.MoveNext(); revision++)
        {
            await responseStream.WriteAsync(MakeModel(requestStream.Current.Name, revision));
        }
    }

    private static Model MakeModel(string name, long revision) => new()
    {
        Name = name,
        Kind = Kind.Llm,
        Revision = revision,
        Labels = { ["team"] = "nlp" },
        Tags = { "a", "b" },
        Digest = ByteString.CopyFrom(1, 2, 3, 4),
        Bucket = "models",
    };
}
