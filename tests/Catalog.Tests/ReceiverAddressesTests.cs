using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using ModelGarden.Catalog.Webhooks;
using ModelGarden.Hosting.Outside;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>Where nothing is sent, whatever a name says.</summary>
public sealed class ReceiverAddressesTests
{
    [Theory]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("127.8.9.10", "loopback")]
    [InlineData("::1", "loopback")]
    [InlineData("::ffff:127.0.0.1", "loopback")]
    [InlineData("169.254.169.254", "link-local")]
    [InlineData("::ffff:169.254.169.254", "link-local")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("168.63.129.16", "metadata")]
    [InlineData("::ffff:168.63.129.16", "metadata")]
    [InlineData("0.0.0.0", "unspecified")]
    [InlineData("::", "unspecified")]
    [InlineData("224.0.0.1", "multicast")]
    [InlineData("ff02::1", "multicast")]
    [InlineData("255.255.255.255", "reserved")]
    [InlineData("::127.0.0.1", "reserved")]
    [InlineData("10.0.0.1", "private")]
    [InlineData("172.31.255.255", "private")]
    [InlineData("192.168.1.1", "private")]
    [InlineData("100.64.0.1", "private")]
    [InlineData("fd12::1", "private")]
    [InlineData("64:ff9b::7f00:1", "translated")]
    [InlineData("2002:7f00:1::", "translated")]
    public void Fault_OfAnAddressThatIsNotPublic_NamesItsKind(string address, string kind)
    {
        Assert.Contains($"has a {kind} address", Addresses("").Fault(IPAddress.Parse(address)), StringComparison.Ordinal);
        Assert.Null(Addresses("0.0.0.0/0,::/0").Fault(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("93.184.215.14")]
    [InlineData("172.32.0.1")]
    [InlineData("168.63.129.17")]
    [InlineData("100.128.0.1")]
    [InlineData("2606:2800:21f:cb07::1")]
    public void Fault_OfAPublicAddress_IsNone(string address) => Assert.Null(Addresses("").Fault(IPAddress.Parse(address)));

    [Fact]
    public void Fault_OfAnAllowedNetwork_IsNoneWithinIt()
    {
        var addresses = Addresses(" 10.20.0.0/16, fd00:20::/32 ");

        Assert.Null(addresses.Fault(IPAddress.Parse("10.20.3.4")));
        Assert.Null(addresses.Fault(IPAddress.Parse("::ffff:10.20.3.4")));
        Assert.Null(addresses.Fault(IPAddress.Parse("fd00:20::5")));
        Assert.NotNull(addresses.Fault(IPAddress.Parse("10.21.0.1")));
    }

    [Theory]
    [InlineData("10.20.0.0")]
    [InlineData("10.20.0.0/33")]
    [InlineData("everything")]
    public void Options_WithWhatIsNoNetwork_AreRefused(string networks) =>
        Assert.Contains("Garden:Webhooks:AllowedNetworks", Assert.Single(new WebhookOptions { AllowedNetworks = networks }.Faults()), StringComparison.Ordinal);

    [Fact]
    public async Task Send_ToANameThatIsPointedElsewhereMeanwhile_IsRefused()
    {
        await using var receiver = await WebhookReceiver.StartAsync("0.0.0.0");
        // Each delivery connects, and with that asks, anew.
        receiver.Answer = http =>
        {
            http.Response.Headers.Connection = "close";
            return http.Response.WriteAsync("taken");
        };
        var names = new TurningName("127.0.0.1", "127.0.0.2");
        using var sender = new DeliverySender(new ReceiverAddresses(Options.Create(new WebhookOptions { AllowedNetworks = "127.0.0.1/32" }), names), TimeProvider.System);
        var webhook = Webhook($"http://hooks.example:{receiver.Port}/");

        var first = await sender.SendAsync(webhook, "msg_1", [], Patience.Cancel);
        var second = await sender.SendAsync(webhook, "msg_2", [], Patience.Cancel);

        Assert.Equal((true, "delivered"), (first!.Arrived, first.Outcome));
        Assert.Equal((false, 0, "'hooks.example' has a loopback address, and nothing is sent there: an operator allows networks with Garden:Webhooks:AllowedNetworks"), (second!.Arrived, second.Code, second.Outcome));
        Assert.Equal("msg_1", Assert.Single(receiver.Rest()).Id);
    }

    [Fact]
    public async Task Send_ToANameOfSeveralAddresses_UsesTheAllowedOnes()
    {
        await using var receiver = await WebhookReceiver.StartAsync("0.0.0.0");
        using var sender = new DeliverySender(new ReceiverAddresses(Options.Create(new WebhookOptions { AllowedNetworks = "127.0.0.2/32" }), new TurningName("127.0.0.1 127.0.0.2")), TimeProvider.System);
        string? local = null;
        receiver.Answer = http =>
        {
            local = http.Connection.LocalIpAddress?.MapToIPv4().ToString();
            return Task.CompletedTask;
        };

        Assert.True((await sender.SendAsync(Webhook($"http://hooks.example:{receiver.Port}/"), "msg_1", [], Patience.Cancel))!.Arrived);
        Assert.Equal("127.0.0.2", local);
    }

    [Fact]
    public async Task Send_ToWhereNobodyListens_SaysSo()
    {
        int port;
        await using (var receiver = await WebhookReceiver.StartAsync())
        {
            port = receiver.Port;
        }

        using var sender = new DeliverySender(new ReceiverAddresses(Options.Create(new WebhookOptions { AllowedNetworks = "127.0.0.1/32" }), new TurningName("127.0.0.1")), TimeProvider.System);

        Assert.Equal("the receiver cannot be reached: ConnectionRefused", (await sender.SendAsync(Webhook($"http://hooks.example:{port}/"), "msg_1", [], Patience.Cancel))!.Outcome);
        Assert.Equal("the receiver cannot be reached: ConnectionRefused", (await sender.SendAsync(Webhook($"https://hooks.example:{port}/"), "msg_1", [], Patience.Cancel))!.Outcome);
    }

    [Fact]
    public async Task Send_InTlsToWhatHasNone_SaysSo()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        using var sender = new DeliverySender(new ReceiverAddresses(Options.Create(new WebhookOptions { AllowedNetworks = "127.0.0.1/32" }), new TurningName("127.0.0.1")), TimeProvider.System);

        Assert.Equal("the receiver's certificate is not one that is trusted here, or it does not speak TLS", (await sender.SendAsync(Webhook($"https://hooks.example:{receiver.Port}/"), "msg_1", [], Patience.Cancel))!.Outcome);
    }

    private static ReceiverAddresses Addresses(string allowed) => new(Options.Create(new WebhookOptions { AllowedNetworks = allowed }), new NameLookup());

    private static StoredWebhook Webhook(string url) => new()
    {
        Id = "1", Account = "ann", AccountKey = "ann", Tenant = "acme", Url = url, Secret = "secret", Address = "", Domains = EventDomains.All, CreatedAt = DateTimeOffset.UnixEpoch,
    };

    /// <summary>A name whose owner points it elsewhere each time that it is asked for.</summary>
    private sealed class TurningName(params string[] answers) : NameLookup
    {
        private int _asked;

        public override Task<IPAddress[]> FindAsync(string host, CancellationToken cancellationToken) =>
            Task.FromResult(answers[Math.Min(_asked++, answers.Length - 1)].Split(' ').Select(IPAddress.Parse).ToArray());
    }
}
