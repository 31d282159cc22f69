// A small service under the name of Identity, run as every service is.
// --Victim:Crash=true: a background part of it breaks down once it runs.
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;

return await GardenService.RunAsync(
    new(
        ServiceNames.Identity,
        builder =>
        {
            if (builder.Configuration["Victim:Crash"] is "true")
            {
                builder.Services.AddHostedService<Crash>();
            }
        },
        app => app.MapGarden<Victim>(Identity.Descriptor)),
    args);

/// <summary>Answers whoever asks for a token; who names the service <c>wait</c> gets his answer only after the process was told to stop.</summary>
internal sealed class Victim(IHostApplicationLifetime lifetime) : Identity.IdentityBase
{
    public override async Task<IssueServiceTokenResponse> IssueServiceToken(IssueServiceTokenRequest request, ServerCallContext context)
    {
        if (request.Service is "wait")
        {
            var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = lifetime.ApplicationStopping.Register(stopping.SetResult);
            await Console.Out.WriteLineAsync("waiting");
            await stopping.Task.WaitAsync(context.CancellationToken);
        }

        return new() { InternalToken = request.Service };
    }

    public override Task<ListSigningKeysResponse> ListSigningKeys(ListSigningKeysRequest request, ServerCallContext context) => Task.FromResult(new ListSigningKeysResponse());
}

internal sealed class Crash : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        throw new InvalidOperationException("broken on purpose");
    }
}
