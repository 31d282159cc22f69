using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.Serving.Tests;

/// <summary>The real Serving service between doubles of Deployment and Entitlement, with engines that answer as a test says.</summary>
internal sealed class ServingGarden : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly List<EngineDouble> _engines = [];
    private readonly TestGarden _garden;

    private ServingGarden(TestGarden garden, DeploymentDouble deployment, EntitlementDouble entitlement)
    {
        (_garden, Deployment, Entitlement) = (garden, deployment, entitlement);
        Ann = garden.Http(ServiceNames.Serving, People.Engineer());
    }

    public DeploymentDouble Deployment { get; }

    public EntitlementDouble Entitlement { get; }

    public HttpClient Ann { get; }

    private static CancellationToken Cancel => Testing.Patience.Cancel;

    /// <param name="settings">Below <c>Garden:Serving:</c>.</param>
    public static async Task<ServingGarden> StartAsync(params (string Setting, string Value)[] settings)
    {
        var (deployment, entitlement) = (new DeploymentDouble(), new EntitlementDouble());
        var all = settings.ToDictionary(pair => $"Serving:{pair.Setting}", pair => pair.Value);
        return new(await TestGarden.StartAsync(null, null, all, deployment.Definition, entitlement.Definition, ServingModule.Definition), deployment, entitlement);
    }

    /// <summary>The address of an engine that answers so.</summary>
    public async Task<string> EngineAsync(RequestDelegate answer)
    {
        var engine = await EngineDouble.StartAsync(answer);
        _engines.Add(engine);
        return engine.Address;
    }

    /// <summary>An endpoint is ready, with a replica at each address.</summary>
    public async Task ReadyAsync(string name, string protocol, params string[] addresses)
    {
        var endpoint = new Contracts.V1.Endpoint
        {
            Tenant = "acme", Name = name, State = EndpointState.Ready, Protocol = protocol, Repository = "acme/model", Revision = "r1",
            Replicas = { addresses.Select((address, i) => new Replica { Id = $"r{i}", State = ReplicaState.Ready, Address = address }) },
        };
        var table = (Endpoints.EndpointTable)_garden.PartsOf(ServiceNames.Serving).GetService(typeof(Endpoints.EndpointTable))!;
        var known = table.NextChange(endpoint.Tenant, endpoint.Name);
        Deployment.Tell(endpoint);
        await known.WaitAsync(Patience, Cancel);
    }

    /// <summary>Completes when the next call is held.</summary>
    public async Task HeldAsync()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<long>((_, change, _, _) =>
        {
            if (change > 0)
            {
                held.TrySetResult();
            }
        });
        listener.EnableMeasurementEvents(((ServingMetrics)_garden.PartsOf(ServiceNames.Serving).GetService(typeof(ServingMetrics))!).Waiting);
        await held.Task.WaitAsync(Patience, Cancel);
    }

    /// <summary>What the next call was metered as.</summary>
    public async Task<(string Operation, string Outcome)> NextUsageAsync()
    {
        var record = await Entitlement.Usage.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Patience, Cancel);
        return (record.Operation, record.Outcome);
    }

    /// <summary>The error of an answer: an object with OpenAI, a text in the Open Inference Protocol.</summary>
    public static async Task<JsonNode> ErrorAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!["error"]!;

    public async ValueTask DisposeAsync()
    {
        Ann.Dispose();
        await _garden.DisposeAsync();
        foreach (var engine in _engines)
        {
            await engine.DisposeAsync();
        }
    }
}
