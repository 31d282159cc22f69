using Google.Protobuf;
using Grpc.Core;
using Grpc.Reflection.V1Alpha;

namespace ModelGarden.GrpcServices.Reflection;

/// <summary>Serves <c>grpc.reflection.v1alpha.ServerReflection</c> for older clients; its messages are v1's on the wire.</summary>
internal sealed class ReflectionAlphaService(ReflectionSchema schema) : ServerReflection.ServerReflectionBase
{
    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context)
    {
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            var answer = ReflectionService.Answer(
                schema, Grpc.Reflection.V1.ServerReflectionRequest.Parser.ParseFrom(request.ToByteString()));
            await responseStream.WriteAsync(
                ServerReflectionResponse.Parser.ParseFrom(answer.ToByteString()), context.CancellationToken);
        }
    }
}
