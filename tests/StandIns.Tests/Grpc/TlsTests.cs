using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using ModelGarden.StandIns.Tests.V1;

namespace ModelGarden.StandIns.Tests.Grpc;

public sealed class TlsTests : IDisposable
{
    private readonly X509Certificate2 _certificate = SelfSigned();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _certificate.Dispose();

    [Fact]
    public async Task CallCredentials_ComposedWithTls_AddTheirHeaders()
    {
        await using var host = await GardenHost.StartAsync(listen => listen.UseHttps(_certificate));
        var bearer = CallCredentials.FromInterceptor((context, metadata) =>
        {
            metadata.Add("authorization", $"Bearer for {context.MethodName} at {context.ServiceUrl}");
            return Task.CompletedTask;
        });
        using var channel = Connect(host, ChannelCredentials.Create(new SslCredentials(), bearer));

        var description = await new Garden.GardenClient(channel).DescribeAsync(new GetRequest(), cancellationToken: Cancel);

        Assert.Equal($"Bearer for Describe at {host.Address}modelgarden.standins.v1.Garden", description.Headers["authorization"]);
    }

    [Fact]
    public async Task CallCredentials_OfOneCall_AreComposedInOrder()
    {
        await using var host = await GardenHost.StartAsync(listen => listen.UseHttps(_certificate));
        using var channel = Connect(host, ChannelCredentials.SecureSsl);
        var order = new List<string>();
        var options = new CallOptions(
            credentials: CallCredentials.Compose(Adds("x-first", order), Adds("x-second", order)), cancellationToken: Cancel);

        var description = await new Garden.GardenClient(channel).DescribeAsync(new GetRequest(), options);

        Assert.Equal(["x-first", "x-second"], order);
        Assert.Equal("1", description.Headers["x-first"]);
        Assert.Equal("1", description.Headers["x-second"]);
    }

    [Fact]
    public void CallCredentials_OnAChannelInClear_CannotBeComposed() => Assert.Throws<ArgumentException>(
        () => ChannelCredentials.Create(ChannelCredentials.Insecure, Adds("x", [])));

    [Fact]
    public async Task MutualTls_ClientCertificate_NamesThePeer()
    {
        await using var host = await GardenHost.StartAsync(listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = _certificate;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (presented, _, _) => presented.Equals(_certificate);
        }));
        using var channel = Connect(host, ChannelCredentials.SecureSsl);

        var description = await new Garden.GardenClient(channel).DescribeAsync(new GetRequest(), cancellationToken: Cancel);

        Assert.True(description.Authenticated);
        Assert.Equal("localhost", description.PeerProperties["x509_common_name"]);
    }

    private static CallCredentials Adds(string header, List<string> order) => CallCredentials.FromInterceptor((_, metadata) =>
    {
        order.Add(header);
        metadata.Add(header, "1");
        return Task.CompletedTask;
    });

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }

    private GrpcChannel Connect(GardenHost host, ChannelCredentials credentials) =>
        GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions
        {
            Credentials = credentials,
            DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = (_, presented, _, _) => _certificate.Equals(presented),
                    LocalCertificateSelectionCallback = (_, _, _, _, _) => _certificate,
                    ClientCertificates = [_certificate],
                },
            },
        });
}
