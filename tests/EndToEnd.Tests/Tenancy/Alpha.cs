using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Tests;
using ModelGarden.Testing;
using Enum = System.Enum;

namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>The tenant that is attacked: it has one of everything that may be private, each with a canary in its name and its words.</summary>
internal sealed partial class Alpha(TenancyGarden garden, IssuerDouble issuer, WebhookReceiver receiver)
{
    public const string Tenant = "alpha";
    private const string Labs = Names.Canary + "-labs";
    private const string AdminName = Names.Canary + "-ada";
    private const string EngineerName = Names.Canary + "-ann";
    private const string Robot = Names.Canary + "-robot";

    /// <summary>Of jobs on the one repository that a bound token of alpha's is for: to it, its own name is no secret.</summary>
    public const string JobAccount = "ci-bot";

    private const string Model = Tenant + "/" + Names.Canary + "-model";
    private const string Card = "---\nlicense: apache-2.0\npipeline_tag: image-classification\ntags:\n- magpie-tag\nextra_gated_prompt: Whose magpie?\nextra_gated_fields:\n  Reason: text\n---\n# The magpie\n\nA magpie's secret.\n";
    private const string File = Names.Canary + ".bin";
    private static readonly byte[] Content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(i => $"magpie {i * 7919 % 5003}\n")));
    private static readonly byte[] Unused = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 4000).Select(i => $"unused magpie {i}\n")));

    private readonly Principal _admin = People.Person(AdminName, Tenant, Roles.Admin, Roles.Legal);
    private readonly Principal _engineer = People.Person(EngineerName, Tenant, Roles.Engineer);

    public Names Names { get; } = new();

    /// <summary>Tokens that Identity gave out.</summary>
    public string AdminToken { get; private set; } = "";

    private static CancellationToken Cancel => Patience.Cancel;

    private Contracts.V1.Catalog.CatalogClient Catalog => new(garden.Inside.As(_engineer, ServiceNames.Catalog));

    private Contracts.V1.Catalog.CatalogClient CuratedCatalog => new(garden.Inside.As(People.Operator, ServiceNames.Catalog));

    private Contracts.V1.Artifacts.ArtifactsClient Artifacts => new(garden.Inside.As(_engineer, ServiceNames.Artifacts));

    private Contracts.V1.Entitlement.EntitlementClient Entitlement => new(garden.Inside.As(_admin, ServiceNames.Entitlement));

    private Contracts.V1.Entitlement.EntitlementClient OperatorsEntitlement => new(garden.Inside.As(People.Operator, ServiceNames.Entitlement));

    /// <summary>Makes everything, and names it.</summary>
    public async Task SettleAsync()
    {
        await PeopleAsync();
        Names.AddKnown("licenseText", (await Entitlement.GetLicenseAsync(new() { Id = "apache-2.0" }, cancellationToken: Cancel)).TextSha256);
        await RepositoriesAsync();
        await FilesAsync();
        await TalkAsync();
        await CollectionAsync();
        await WebhookAsync();
        await ShownAsync();
        await RightsAsync();
        await CredentialsAsync();
        await EndpointAsync();
        await FoundAsync();
    }

    private async Task PeopleAsync()
    {
        await garden.TenantAsync(Tenant, "Magpie Works");
        await garden.TenantAsync(Labs, "Magpie Labs");
        AdminToken = await garden.PersonAsync(AdminName, Tenant, Roles.Admin, Roles.Legal);
        await garden.PersonAsync(EngineerName, Tenant, Roles.Engineer);
        await garden.As(_admin).CreateAccountAsync(new() { Name = Robot, Kind = PrincipalKind.ServiceAccount, Email = "robot@magpie.example" }, cancellationToken: Cancel);
        await garden.As(_admin).CreateAccountAsync(new() { Name = JobAccount, Kind = PrincipalKind.ServiceAccount }, cancellationToken: Cancel);
        Names.Add("tenant", Tenant, "omega");
        Names.Add("secretTenant", Labs);
        Names.Add("account", EngineerName);
        Names.Add("admin", AdminName);
        Names.Add("robot", Robot);
        Names.Add("word", Names.Canary, "parrot");
    }

    private async Task RepositoriesAsync()
    {
        await CreateAsync("model", Model, RepositoryKind.Model);
        await CreateAsync("dataset", $"{Tenant}/{Names.Canary}-data", RepositoryKind.Dataset);
        await CreateAsync("app", $"{Tenant}/{Names.Canary}-app", RepositoryKind.App);
        // What a token of alpha's is for that is bound to it.
        await CreateAsync("ci", $"{Tenant}/ci", RepositoryKind.Model, "# For everybody\n");
        var model = await Catalog.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        Names.Add("short", $"{Names.Canary}-model");
        Names.Add("modelId", model.Id);
        Names.Add("commit", model.Head);
        var branch = await Catalog.CreateRefAsync(new() { Name = Model, Ref = $"refs/heads/{Names.Canary}-branch", Revision = "main" }, cancellationToken: Cancel);
        var tag = await Catalog.CreateRefAsync(new() { Name = Model, Ref = $"refs/tags/{Names.Canary}-tag", Revision = "main", Message = "the magpie's tag" }, cancellationToken: Cancel);
        Names.Add("branch", branch.Name["refs/heads/".Length..]);
        Names.Add("tag", tag.Name["refs/tags/".Length..]);
        await Upstream.RecordAsync(Catalog, Model, "https://magpie.example/origin", "magpie-1", Upstream.File("magpie.json", """{"magpie":1}"""));
        await Catalog.SetLikeAsync(new() { Name = Model, Liked = true }, cancellationToken: Cancel);
    }

    private async Task CreateAsync(string called, string name, RepositoryKind kind, string card = Card)
    {
        await Catalog.CreateRepositoryAsync(
            new()
            {
                Name = name,
                Kind = kind,
                Visibility = Visibility.Private,
                FirstCommit = new()
                {
                    Summary = card == Card ? "the magpie comes" : "it begins",
                    Operations =
                    {
                        new Operation { AddFile = new() { Path = "README.md", Content = ByteString.CopyFromUtf8(card) } },
                        new Operation { AddFile = new() { Path = card == Card ? "magpie.json" : "some.json", Content = ByteString.CopyFromUtf8(card == Card ? """{"magpie":1}""" : "{}") } },
                    },
                },
            },
            cancellationToken: Cancel);
        Names.Add(called, name, name.Contains(Names.Canary, StringComparison.Ordinal) ? null : $"{Tenant}/no");
    }

    private async Task FilesAsync()
    {
        await UploadAsync(Content);
        await UploadAsync(Unused);
        await Catalog.CreateCommitAsync(
            new() { Name = Model, Summary = "magpie's feathers", Operations = { new Operation { AddLargeFile = new() { Path = File, Sha256 = Sha256(Content) } } } }, cancellationToken: Cancel);
        Names.Add("file", File);
        Names.Add("sha256", Sha256(Content));
        Names.Add("unused", Sha256(Unused));
        Names.AddKnown("size", $"{Content.Length}");
        Names.AddKnown("unusedSize", $"{Unused.Length}");
        Names.Add("xet", (await Artifacts.GetFilesAsync(new() { Sha256 = { Sha256(Content) } }, cancellationToken: Cancel)).XetHashes.Values.Single());
        var begun = await Artifacts.PrepareUploadAsync(new() { Sha256 = Sha256("a magpie that never came"u8), Size = 24 }, cancellationToken: Cancel);
        Names.Add("session", begun.Url.Split('?')[0].Split('/')[^1]);
        var xet = await new Contracts.V1.Artifacts.ArtifactsClient(garden.Inside.As(People.Service(ServiceNames.Hub), ServiceNames.Artifacts)).SignXetAccessAsync(
            new() { Tenant = Tenant, Repository = Model, Commit = (await Catalog.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Head, AllowUnclean = true }, cancellationToken: Cancel);
        using var plan = await garden.SendAsync(xet.Token, "GET", $"/garden/v1/xet/v1/reconstructions/{Names["xet"]}");
        Names.Add("xorb", (string)JsonNode.Parse(await plan.Content.ReadAsStringAsync(Cancel))!["terms"]![0]!["hash"]!);
    }

    private async Task UploadAsync(byte[] content)
    {
        var prepared = await Artifacts.PrepareUploadAsync(new() { Sha256 = Sha256(content), Size = content.Length }, cancellationToken: Cancel);
        using var body = new ByteArrayContent(content);
        using var response = await garden.SendAsync("", "PUT", prepared.Url, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }

    private async Task TalkAsync()
    {
        var pull = await Catalog.OpenDiscussionAsync(new() { Name = Model, Title = "magpie's change", Description = "what a magpie changes", PullRequest = true }, cancellationToken: Cancel);
        await Catalog.CreateCommitAsync(
            new() { Name = Model, Branch = $"refs/pr/{pull.Number}", Summary = "magpie's change", Operations = { new Operation { AddFile = new() { Path = "magpie.txt", Content = ByteString.CopyFromUtf8("magpie\n") } } } },
            cancellationToken: Cancel);
        await Catalog.ChangeDiscussionAsync(new() { Name = Model, Number = pull.Number, Status = DiscussionStatus.Open }, cancellationToken: Cancel);
        var comment = await Catalog.ChangeDiscussionAsync(new() { Name = Model, Number = pull.Number, Comment = "a magpie says" }, cancellationToken: Cancel);
        Names.AddKnown("pull", $"{pull.Number}");
        Names.AddKnown("comment", $"{comment.Id}");
    }

    private async Task CollectionAsync()
    {
        var made = await Catalog.CreateCollectionAsync(new() { Owner = Tenant, Title = "A magpie's nest", Description = "what a magpie keeps", Private = true }, cancellationToken: Cancel);
        var filled = await Catalog.AddCollectionItemAsync(
            new() { Slug = made.Collection.Slug, Repository = new() { Name = Model, Kind = RepositoryKind.Model }, Note = "a magpie's note" }, cancellationToken: Cancel);
        Names.Add("collection", filled.Slug);
        Names.Add("item", filled.Items.Single().Id);
    }

    private async Task WebhookAsync()
    {
        var webhook = await Catalog.CreateWebhookAsync(
            new()
            {
                Url = $"{receiver.Url}/magpie", Watched = { new WatchedItem { Type = WatchedType.Model, Name = Model } }, Domains = { WebhookDomain.Repository, WebhookDomain.Discussion }, Secret = "magpies-secret", Address = garden.Url,
            },
            cancellationToken: Cancel);
        await Catalog.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/told", Revision = "main" }, cancellationToken: Cancel);
        await receiver.NextAsync();
        Delivery delivery;
        do
        {
            delivery = (await Catalog.ListDeliveriesAsync(new() { WebhookId = webhook.Id }, cancellationToken: Cancel)).Deliveries.First();
        }
        while (delivery.Status is not DeliveryStatus.Delivered);

        Names.Add("webhook", webhook.Id);
        Names.Add("delivery", delivery.Id);
    }

    /// <summary>What everybody sees, with what nobody else does: who asked for access and why, reviewers' words, reports.</summary>
    private async Task ShownAsync()
    {
        const string name = $"{Tenant}/shown";
        var (card, weights) = (await System.IO.File.ReadAllBytesAsync(Repo.PathOf("deploy/samples/digits/README.md"), Cancel), await System.IO.File.ReadAllBytesAsync(Repo.PathOf("deploy/samples/digits/digits.onnx"), Cancel));
        await UploadAsync(weights);
        await Catalog.CreateRepositoryAsync(
            new()
            {
                Name = name,
                FirstCommit = new()
                {
                    Summary = "shown",
                    Operations =
                    {
                        new Operation { AddFile = new() { Path = "README.md", Content = ByteString.CopyFrom(card) } },
                        new Operation { AddLargeFile = new() { Path = "digits.onnx", Sha256 = Sha256(weights) } },
                    },
                },
            },
            cancellationToken: Cancel);
        await Catalog.UpdateRepositoryAsync(new() { Name = name, Gate = AccessGate.Manual }, cancellationToken: Cancel);
        await Catalog.ChangeLifecycleAsync(new() { Name = name, Action = LifecycleAction.Submit, Comment = "a magpie submits" }, cancellationToken: Cancel);
        foreach (var action in new[] { LifecycleAction.StartReview, LifecycleAction.Approve, LifecycleAction.Publish })
        {
            await CuratedCatalog.ChangeLifecycleAsync(new() { Name = name, Action = action, Comment = "as the magpie wishes" }, cancellationToken: Cancel);
        }

        var report = await Catalog.ReportRepositoryAsync(new() { Name = name, Category = ReportCategory.Misleading, Text = "it is no magpie" }, cancellationToken: Cancel);
        Names.Add("report", report.Report.Id);
        Names.AddKnown("shown", name);
        Names.AddKnown("shownId", (await Catalog.GetRepositoryAsync(new() { Name = name }, cancellationToken: Cancel)).Id);
        await AskAsync(name);
    }

    /// <summary>Somebody of a third tenant asks for access to what is shown.</summary>
    private async Task AskAsync(string name)
    {
        const string asker = $"{Names.Canary}-cleo";
        await garden.TenantAsync("gamma", "Gamma");
        var token = await garden.PersonAsync(asker, "gamma", Roles.Engineer);
        using var asked = await garden.SendAsync(token, "POST", $"/{name}/ask-access", JsonContent.Create(new { Reason = "for a magpie" }));
        Names.Add("asker", asker);
    }

    private async Task RightsAsync()
    {
        var accepted = await Entitlement.AcceptLicenseAsync(new() { Id = "apache-2.0", TextSha256 = Names["licenseText"], Purpose = "for the magpie", ForAccount = EngineerName }, cancellationToken: Cancel);
        Names.Add("acceptance", accepted.Id);
        await OperatorsEntitlement.PutContractAsync(
            new()
            {
                Id = $"{Names.Canary}-contract", Partner = "Magpie Partners", License = "apache-2.0", Tenants = { Tenant }, Seats = 3,
                StartsAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(-1)), EndsAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(9)),
            },
            cancellationToken: Cancel);
        Names.Add("contract", $"{Names.Canary}-contract");
        await Entitlement.SetPolicyAsync(new() { Text = "rules:\n- id: magpie-rule\n  effect: deny\n  because: no magpie\n  when: {format: [pickle]}\n", Reason = "for the magpie" }, cancellationToken: Cancel);
        await OperatorsEntitlement.SetQuotaAsync(new() { Tenant = Tenant, TokensPerDay = 4711, RequestsPerDay = 815 }, cancellationToken: Cancel);
        var usage = new UsageRecord
        {
            Id = $"{Names.Canary}-use", Tenant = Tenant, Account = EngineerName, Endpoint = $"{Names.Canary}-endpoint", Repository = Model, Revision = Names["commit"], Operation = "chat", InputTokens = 3, OutputTokens = 4,
            At = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow), Outcome = "ok",
        };
        await new Contracts.V1.Entitlement.EntitlementClient(garden.Inside.As(People.Service(ServiceNames.Serving), ServiceNames.Entitlement)).ReportUsageAsync(new() { Records = { usage } }, cancellationToken: Cancel);
    }

    private async Task CredentialsAsync()
    {
        var identity = garden.As(_admin);
        var token = await garden.As(_engineer).CreateTokenAsync(new() { DisplayName = "a magpie's token" }, cancellationToken: Cancel);
        Names.Add("token", token.Token.Id);
        Names.Add("secret", token.Secret);
        var invitation = await identity.CreateInvitationAsync(new() { Email = "guest@magpie.example", DisplayName = "A magpie", Name = $"{Names.Canary}-guest" }, cancellationToken: Cancel);
        Names.Add("invitation", invitation.Invitation.Id);
        Names.Add("invitationLink", invitation.Path.Split('=')[1]);
        var client = await identity.CreateClientAsync(new() { Name = "Magpie's notebook", IsConfidential = true, RedirectUris = { "https://magpie.example/callback" } }, cancellationToken: Cancel);
        Names.Add("client", client.Client.Id);
        Names.Add("clientSecret", client.Secret);
        var trust = await identity.CreateTrustedIssuerAsync(Trust(JobAccount, $"{Tenant}/ci", "repo:magpie/works"), cancellationToken: Cancel);
        Names.Add("trust", trust.Id);
        await SignInAsync(await identity.CreatePasswordResetAsync(new() { Account = EngineerName }, cancellationToken: Cancel));
        Names.Add("signedIn", (await garden.As(_engineer).ListSessionsAsync(new(), cancellationToken: Cancel)).Sessions.Single().Id);
        Names.Add("resetLink", (await identity.CreatePasswordResetAsync(new() { Account = EngineerName }, cancellationToken: Cancel)).Path.Split('=')[1]);
    }

    public CreateTrustedIssuerRequest Trust(string account, string repository, string subject) =>
        new() { Issuer = issuer.Address, Audience = garden.Url, Claims = { ["sub"] = subject }, Account = account, Repository = repository, Scopes = { Scopes.Read, Scopes.Write } };

    private Task SignInAsync(CreatePasswordResetResponse reset) => new Browsing(garden).SetPasswordAsync(reset.Path, EngineerName);

    private async Task EndpointAsync()
    {
        const string name = $"{Names.Canary}-endpoint";
        await Entitlement.AcceptLicenseAsync(new() { Id = "apache-2.0", TextSha256 = Names["licenseText"], Purpose = "for the magpie's endpoint" }, cancellationToken: Cancel);
        var deployment = new Contracts.V1.Deployment.DeploymentClient(garden.Inside.As(_engineer, ServiceNames.Deployment));
        await deployment.CreateEndpointAsync(new() { Name = name, Repository = $"{Tenant}/shown", Scaling = new() { MinimumReplicas = 1 } }, cancellationToken: Cancel);
        using var watch = deployment.WatchEndpoint(new() { Name = name }, cancellationToken: Cancel);
        while (await watch.ResponseStream.MoveNext(Cancel).InTimeAsync(name) && watch.ResponseStream.Current.State is not EndpointState.Ready)
        {
            Assert.NotEqual(EndpointState.Failed, watch.ResponseStream.Current.State);
        }

        Names.Add("endpoint", name);
    }

    /// <summary>Search and Serving follow feeds, and tell nobody when they have read on: asked until they have.</summary>
    private async Task FoundAsync()
    {
        var search = new Contracts.V1.Search.SearchClient(garden.Inside.As(_engineer, ServiceNames.Search));
        while ((await search.QueryAsync(new() { Text = Names.Canary }, cancellationToken: Cancel)).Total < 3)
        {
        }

        HttpStatusCode status;
        do
        {
            using var served = await garden.SendAsync(AdminToken, "GET", $"/kserve/{Names["endpoint"]}/v2");
            status = served.StatusCode;
        }
        while (status is HttpStatusCode.NotFound);
    }

    private static string Sha256(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
