using Grpc.Core;
using ModelGarden.GrpcServices.Tests.Reflected;

namespace ModelGarden.GrpcServices.Tests;

internal sealed class GreeterService : Greeter.GreeterBase
{
    public override Task<Greeting> Greet(Greeting request, ServerCallContext context) => Task.FromResult(request);
}
