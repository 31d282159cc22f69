using Google.Protobuf;
using Grpc.Core;
using ModelGarden.StandIns.Tests.V1;

namespace ModelGarden.StandIns.Tests.Grpc;

public sealed class CallTests(GardenHost host) : IClassFixture<GardenHost>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unary_Request_AnswerIsWhole()
    {
        var model = await host.Client.GetAsync(new GetRequest { Name = "llama" }, cancellationToken: Cancel);

        Assert.Equal("llama", model.Name);
        Assert.Equal(Kind.Llm, model.Kind);
        Assert.Equal("nlp", model.Labels["team"]);
        Assert.Equal(["a", "b"], model.Tags);
        Assert.Equal([1, 2, 3, 4], model.Digest.ToByteArray());
        Assert.Equal(Model.SourceOneofCase.Bucket, model.SourceCase);
    }

    [Fact]
    public void Unary_BlockingCall_Answers() =>
        Assert.Equal("sync", host.Client.Get(new GetRequest { Name = "sync" }, cancellationToken: Cancel).Name);

    [Fact]
    public async Task ServerStreaming_ReadToTheEnd_YieldsAllThenTrailersAndStatus()
    {
        using var call = host.Client.List(new ListRequest { Count = 5, Prefix = "f" }, cancellationToken: Cancel);

        var names = new List<string>();
        await foreach (var model in call.ResponseStream.ReadAllAsync(Cancel))
        {
            names.Add(model.Name);
        }

        Assert.Equal(["f0", "f1", "f2", "f3", "f4"], names);
        Assert.Equal("5", call.GetTrailers().GetValue("x-total"));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task ClientStreaming_ManyChunks_AreAllCounted()
    {
        using var call = host.Client.Upload(cancellationToken: Cancel);
        for (var i = 0; i < 10; i++)
        {
            await call.RequestStream.WriteAsync(new Chunk { Data = ByteString.CopyFrom(new byte[100_000]) }, Cancel);
        }

        await call.RequestStream.CompleteAsync();

        Assert.Equal(new UploadSummary { Bytes = 1_000_000, Chunks = 10 }, await call);
    }

    [Fact]
    public async Task Duplex_BufferedWrites_ArriveWithTheFirstUnbufferedOne()
    {
        using var call = host.Client.Watch(cancellationToken: Cancel);
        call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        await call.RequestStream.WriteAsync(new GetRequest { Name = "w1" }, Cancel);
        await call.RequestStream.WriteAsync(new GetRequest { Name = "w2" }, Cancel);
        call.RequestStream.WriteOptions = WriteOptions.Default;
        await call.RequestStream.WriteAsync(new GetRequest { Name = "w3" }, Cancel);

        for (var i = 1; i <= 3; i++)
        {
            Assert.True(await call.ResponseStream.MoveNext(Cancel));
            Assert.Equal($"w{i}", call.ResponseStream.Current.Name);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Cancel));
    }

    [Fact]
    public async Task Duplex_PingPong_EachAnswerComesBeforeTheNextRequest()
    {
        using var call = host.Client.Watch(cancellationToken: Cancel);
        for (var i = 1; i <= 20; i++)
        {
            await call.RequestStream.WriteAsync(new GetRequest { Name = $"n{i}" }, Cancel);
            Assert.True(await call.ResponseStream.MoveNext(Cancel));
            Assert.Equal(i, call.ResponseStream.Current.Revision);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Cancel));
    }

    [Fact]
    public async Task Deadline_ServerTakesLonger_EndsTheCall()
    {
        var call = host.Client.WaitAsync(
            new GetRequest(), deadline: DateTime.UtcNow.AddMilliseconds(100), cancellationToken: Cancel);

        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);

        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
    }

    [Fact]
    public async Task Deadline_Ample_IsToldToTheServer()
    {
        var description = await host.Client.DescribeAsync(
            new GetRequest(), deadline: DateTime.UtcNow.AddSeconds(300), cancellationToken: Cancel);

        Assert.InRange(description.SecondsLeft, 200, 301);
    }

    [Fact]
    public async Task Cancellation_OfAWaitingCall_EndsItOnBothSides()
    {
        await using var own = await GardenHost.StartAsync();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var call = own.Client.WaitAsync(new GetRequest(), cancellationToken: cancellation.Token);
        await call.ResponseHeadersAsync;

        await cancellation.CancelAsync();

        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(StatusCode.Cancelled, exception.StatusCode);
        await own.Log.Cancelled.Task.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Dispose_OfACallBeingRead_CancelsTheRead()
    {
        var call = host.Client.Watch(cancellationToken: Cancel);
        var pending = call.ResponseStream.MoveNext(Cancel);

        call.Dispose();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => pending)).StatusCode);
    }
}
