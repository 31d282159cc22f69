using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using static Grpc.Reflection.V1.ServerReflectionRequest;

namespace ModelGarden.GrpcServices.Reflection;

/// <summary>Serves <c>grpc.reflection.v1.ServerReflection</c>: a request that cannot be met is answered, not failed.</summary>
internal sealed class ReflectionService(ReflectionSchema schema) : ServerReflection.ServerReflectionBase
{
    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context)
    {
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(Answer(schema, request), context.CancellationToken);
        }
    }

    public static ServerReflectionResponse Answer(ReflectionSchema schema, ServerReflectionRequest request)
    {
        var response = request.MessageRequestCase switch
        {
            MessageRequestOneofCase.FileByFilename =>
                File(schema.FindFile(request.FileByFilename), request.FileByFilename),
            MessageRequestOneofCase.FileContainingSymbol =>
                File(schema.FindFileOfSymbol(request.FileContainingSymbol), request.FileContainingSymbol),
            MessageRequestOneofCase.FileContainingExtension => Extension(schema, request.FileContainingExtension),
            MessageRequestOneofCase.AllExtensionNumbersOfType => Numbers(schema, request.AllExtensionNumbersOfType),
            MessageRequestOneofCase.ListServices => Services(schema),
            _ => Error(StatusCode.Unimplemented, "this kind of request is not known here"),
        };
        response.ValidHost = request.Host;
        response.OriginalRequest = request;
        return response;
    }

    private static ServerReflectionResponse File(FileDescriptor? file, string what)
    {
        if (file is null)
        {
            return Error(StatusCode.NotFound, $"not found: {what}");
        }

        var files = new FileDescriptorResponse();
        files.FileDescriptorProto.AddRange(ReflectionSchema.WithDependencies(file).Select(each => each.SerializedData));
        return new ServerReflectionResponse { FileDescriptorResponse = files };
    }

    private static ServerReflectionResponse Extension(ReflectionSchema schema, ExtensionRequest request) => File(
        schema.FindFileOfExtension(request.ContainingType, request.ExtensionNumber),
        $"extension {request.ExtensionNumber} of {request.ContainingType}");

    private static ServerReflectionResponse Numbers(ReflectionSchema schema, string type) =>
        schema.FindExtensionNumbers(type) is { } numbers
            ? new() { AllExtensionNumbersResponse = new() { BaseTypeName = type, ExtensionNumber = { numbers } } }
            : Error(StatusCode.NotFound, $"not found: {type}");

    private static ServerReflectionResponse Services(ReflectionSchema schema)
    {
        var services = schema.ServiceNames.Select(name => new ServiceResponse { Name = name });
        return new ServerReflectionResponse { ListServicesResponse = new() { Service = { services } } };
    }

    private static ServerReflectionResponse Error(StatusCode code, string message) =>
        new() { ErrorResponse = new() { ErrorCode = (int)code, ErrorMessage = message } };
}
