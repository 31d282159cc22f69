namespace ModelGarden.Charts.Tests;

/// <summary>The ways of setting the chart that every general test is run with.</summary>
public static class ValuesSets
{
    private static readonly Dictionary<string, string> Sets = new()
    {
        ["default"] = "",
        ["public"] = """
            publicUrl: https://models.example.com
            env:
              OTEL_EXPORTER_OTLP_ENDPOINT: http://collector.telemetry:4317
            podAnnotations: { team: models }
            gatewayService: { type: LoadBalancer, httpPort: 8000, grpcPort: 8001, annotations: { internal: "true" } }
            ingress: { enabled: true, className: nginx, host: models.example.com, grpcHost: grpc.example.com, tls: { secretName: models-tls } }
            networkPolicy:
              gatewayFrom: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ingress-nginx } } }]
              database: { port: 6432, to: [{ ipBlock: { cidr: 10.1.2.0/24 } }] }
              extraEgress: [{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: telemetry } } }], ports: [{ port: 4317 }] }]
            """,
        ["large"] = """
            image: { registry: registry.example.com:5000/ml, tag: "2.0.1", pullPolicy: Always, pullSecrets: [registry] }
            secrets: { existingSecret: own, serviceSecretKey: service, adminTokenKey: admin }
            database: { existingSecret: postgres, key: dsn }
            nodeSelector: { pool: models }
            tolerations: [{ key: models, operator: Exists, effect: NoSchedule }]
            services:
              gateway: { replicas: 4 }
              catalog: { replicas: 3, env: { Logging__LogLevel__Default: Debug } }
              artifacts: { replicas: 3, storage: { size: 10Ti, accessMode: ReadWriteMany, storageClass: nfs } }
              deployment: { nodeSelector: { pool: large }, image: { repository: elsewhere/engines, tag: gpu } }
            """,
        ["bucket"] = """
            services:
              artifacts:
                replicas: 2
                storage: null
                scratch: 1Gi
                env: { Garden__Artifacts__Store__Kind: s3, Garden__Artifacts__Store__S3__Endpoint: "https://s3.example.com", Garden__Artifacts__Store__S3__Bucket: models }
                secretEnv:
                  Garden__Artifacts__Store__S3__AccessKey: { secret: models-bucket, key: access-key }
                  Garden__Artifacts__Store__S3__SecretKey: { secret: models-bucket, key: secret-key }
            networkPolicy:
              extraEgress: [{ to: [{ ipBlock: { cidr: 10.1.3.0/24 } }], ports: [{ port: 443 }] }]
            """,
        ["apart"] = """
            services:
              serving: { runsIn: "", replicas: 2 }
              artifacts: { storage: { existingClaim: weights } }
            networkPolicy: { enabled: false }
            """,
    };

    public static TheoryData<string> Names => [.. Sets.Keys];

    public static async Task<Manifests> RenderAsync(Tools tools, string name)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, Sets[name], TestContext.Current.CancellationToken);
            return await Manifests.RenderAsync(tools, "--values", file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
