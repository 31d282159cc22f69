using Grpc.Core;
using ModelGarden.Artifacts.Tests.Conversion;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Errors;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Examination;

/// <summary>Which tensors stored files list.</summary>
public sealed class TensorTests
{
    [Fact]
    public async Task ReadTensors_OfEachFormat_HasThem()
    {
        await using var garden = await ArtifactsGarden.StartAsync();
        var torch = await garden.UploadAsync(Checkpoints.Of(new byte[200_000]));
        var gguf = await garden.UploadAsync(await File.ReadAllBytesAsync(Repo.PathOf("deploy/samples/kjv-llama/kjv-llama-q8_0.gguf"), Cancel));
        var text = await garden.UploadAsync("plain words"u8.ToArray());

        Assert.Equal(new Tensor { Name = "w", Type = "U8", Shape = { 200_000 } }, Assert.Single((await ReadAsync(garden, torch.Sha256, 0, 10)).Tensors));
        var first = await ReadAsync(garden, gguf.Sha256, 0, 3);
        var rest = await ReadAsync(garden, gguf.Sha256, 3, 1000);
        Assert.Equal((3, gguf.Facts.TensorCount - 3, gguf.Facts.TensorCount), (first.Tensors.Count, rest.Tensors.Count, first.Total));
        Assert.Equal(gguf.Facts.Parameters, first.Tensors.Concat(rest.Tensors).Sum(tensor => tensor.Shape.Aggregate(1L, (all, size) => all * size)));
        Assert.Equal((0, 0), ((await ReadAsync(garden, text.Sha256, 0, 1)).Total, (await ReadAsync(garden, gguf.Sha256, int.MaxValue, 1)).Tensors.Count));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    [InlineData(0, 1001)]
    public async Task ReadTensors_BadRange_IsRefused(int skip, int count)
    {
        await using var garden = await ArtifactsGarden.StartAsync();

        Assert.Equal("BAD_RANGE", await RefusalAsync(() => ReadAsync(garden, new('a', 64), skip, count)));
        Assert.Equal("FILE_NOT_FOUND", await RefusalAsync(() => ReadAsync(garden, new('a', 64), 0, 1)));
    }

    private static async Task<string> RefusalAsync(Func<Task> call) => (await Assert.ThrowsAsync<RpcException>(call)).ToError(ServiceNames.Artifacts).Reason;

    private static async Task<ReadTensorsResponse> ReadAsync(ArtifactsGarden garden, string sha256, int skip, int count) =>
        await garden.As(People.Service("catalog")).ReadTensorsAsync(new() { Sha256 = sha256, Skip = skip, Count = count }, cancellationToken: Cancel);
}
