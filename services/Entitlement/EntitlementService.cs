using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.AccessRequests;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Entitlement.Decisions;
using ModelGarden.Entitlement.Keys;
using ModelGarden.Entitlement.Licenses;
using ModelGarden.Entitlement.Partners;
using ModelGarden.Entitlement.Policies;
using ModelGarden.Entitlement.Tenants;
using ModelGarden.Entitlement.Usage;
using ModelGarden.Evidence;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Decisions;
using ModelGarden.Rights.Licenses;
using Policy = ModelGarden.Contracts.V1.Policy;

namespace ModelGarden.Entitlement;

/// <summary>Entitlement over gRPC: parses, asks the part that knows, answers.</summary>
internal sealed class EntitlementService(
    TenantDirectory tenants,
    Membership membership,
    LicenseBook licenses,
    Acceptances acceptances,
    AccessDesk access,
    AccessLists accessLists,
    DecisionDesk desk,
    DecisionTally tally,
    UsageBook usage,
    Quotas quotas,
    AuditTrail audit,
    PolicyBook policies,
    PolicyReplays replays,
    Explaining explaining,
    AuditExport export,
    AuditErasure erasure,
    Checkpoints checkpoints,
    EvidenceBook evidence,
    EvidenceSigner signer,
    ContractBook contracts,
    TimeProvider clock) : Contracts.V1.Entitlement.EntitlementBase
{
    private static readonly TimeSpan DefaultSpan = TimeSpan.FromDays(30);

    public override async Task<Tenant> CreateTenant(CreateTenantRequest request, ServerCallContext context) =>
        (await tenants.CreateAsync(context.GetCaller(), TenantName.Create(request.Name).OrThrow(), request.DisplayName, context.CancellationToken)).OrThrow().ToMessage();

    public override async Task<ListTenantsResponse> ListTenants(ListTenantsRequest request, ServerCallContext context) =>
        new() { Tenants = { (await tenants.ListAsync(context.CancellationToken)).Select(tenant => tenant.ToMessage()) } };

    public override async Task<Member> SetMember(SetMemberRequest request, ServerCallContext context)
    {
        var caller = context.GetCaller();
        var account = AccountName.Create(request.Account).OrThrow();
        return (await membership.SetAsync(caller, TenantErrors.TenantFor(caller, request.Tenant), account, request.Roles, context.CancellationToken)).OrThrow();
    }

    public override async Task<ListMembersResponse> ListMembers(ListMembersRequest request, ServerCallContext context) =>
        new() { Members = { (await membership.ListAsync(TenantErrors.TenantFor(context.GetCaller(), request.Tenant), context.CancellationToken)).OrThrow() } };

    public override Task<Member> GetMember(GetMemberRequest request, ServerCallContext context) =>
        membership.GetAsync(TenantName.Create(request.Tenant).OrThrow(), AccountName.Create(request.Account).OrThrow(), context.CancellationToken);

    public override async Task<License> PutLicense(PutLicenseRequest request, ServerCallContext context)
    {
        var text = LicenseText.Create(request).OrThrow();
        return (await licenses.PutAsync(context.GetCaller(), LicenseId.Create(request.Id).OrThrow(), text, context.CancellationToken)).OrThrow();
    }

    public override async Task<License> GetLicense(GetLicenseRequest request, ServerCallContext context) =>
        (await licenses.GetAsync(context.GetCaller(), LicenseId.Create(request.Id).OrThrow(), (request.Version, request.TextSha256.Length > 0 ? Sha256Digest.Create(request.TextSha256).OrThrow().Hex : ""), context.CancellationToken)).OrThrow();

    public override async Task<ListLicenseVersionsResponse> ListLicenseVersions(ListLicenseVersionsRequest request, ServerCallContext context) =>
        new() { Versions = { (await licenses.VersionsAsync(LicenseId.Create(request.Id).OrThrow(), context.CancellationToken)).OrThrow() } };

    public override async Task<ListLicensesResponse> ListLicenses(ListLicensesRequest request, ServerCallContext context) =>
        new() { Licenses = { await licenses.ListAsync(context.GetCaller(), context.CancellationToken) } };

    public override async Task<Acceptance> AcceptLicense(AcceptLicenseRequest request, ServerCallContext context)
    {
        var wish = new AcceptanceWish(
            LicenseId.Create(request.Id).OrThrow(), Sha256Digest.Create(request.TextSha256).OrThrow(), request.Purpose, Time("until", request.Until).OrThrow().At)
        {
            For = OptionalAccount(request.ForAccount),
        };
        return (await acceptances.AcceptAsync(context.GetCaller(), wish, context.CancellationToken)).OrThrow().ToMessage();
    }

    public override async Task<Acceptance> WithdrawAcceptance(WithdrawAcceptanceRequest request, ServerCallContext context) =>
        (await acceptances.WithdrawAsync(context.GetCaller(), LicenseId.Create(request.Id).OrThrow(), OptionalAccount(request.ForAccount), context.CancellationToken)).OrThrow().ToMessage();

    public override async Task<Contracts.V1.Evidence> GetEvidence(GetEvidenceRequest request, ServerCallContext context) =>
        (await evidence.GetAsync(context.GetCaller(), request.Id, context.CancellationToken)).OrThrow();

    public override async Task<ListEvidenceKeysResponse> ListEvidenceKeys(ListEvidenceKeysRequest request, ServerCallContext context) =>
        new() { Keys = { (await signer.ListAsync(context.CancellationToken)).Select(key => key.ToMessage()) } };

    public override async Task<Contract> PutContract(PutContractRequest request, ServerCallContext context)
    {
        var wish = ContractWish.Create(request, Time("starts_at", request.StartsAt).OrThrow().At, Time("ends_at", request.EndsAt).OrThrow().At).OrThrow();
        return (await contracts.PutAsync(context.GetCaller(), wish, context.CancellationToken)).OrThrow();
    }

    public override async Task<ListContractsResponse> ListContracts(ListContractsRequest request, ServerCallContext context) =>
        new() { Contracts = { await contracts.ListAsync(context.GetCaller(), context.CancellationToken) } };

    public override async Task<Contract> ReleaseSeat(ReleaseSeatRequest request, ServerCallContext context) =>
        (await contracts.ReleaseAsync(context.GetCaller(), request.Id, AccountName.Create(request.Account).OrThrow(), context.CancellationToken)).OrThrow();

    public override async Task<ListAcceptancesResponse> ListAcceptances(ListAcceptancesRequest request, ServerCallContext context) =>
        new() { Acceptances = { (await acceptances.ListAsync(context.GetCaller(), context.CancellationToken)).OrThrow().Select(row => row.ToMessage()) } };

    public override async Task<AccessRequest> RequestAccess(RequestAccessRequest request, ServerCallContext context)
    {
        var asker = new Asker(request.FullName, request.Email, FormAnswers.Read(request.Form, request.Fields).OrThrow());
        return (await access.RequestAsync(context.GetCaller(), GatedRepository.Create(request.Resource).OrThrow(), asker, context.CancellationToken)).OrThrow().ToOwnMessage();
    }

    public override async Task<AccessRequest> HandleAccessRequest(HandleAccessRequestRequest request, ServerCallContext context)
    {
        var wish = new AccessWish(AccountName.Create(request.Account).OrThrow(), request.Status, request.RejectionReason, Time("until", request.Until).OrThrow().At);
        return (await access.HandleAsync(context.GetCaller(), GatedRepository.Create(request.Resource).OrThrow(), wish, context.CancellationToken)).OrThrow().ToMessage();
    }

    public override async Task<AccessRequest> GrantAccess(GrantAccessRequest request, ServerCallContext context)
    {
        var wish = new AccessWish(AccountName.Create(request.Account).OrThrow(), AccessStatus.Accepted, "", Time("until", request.Until).OrThrow().At);
        return (await access.GrantAsync(context.GetCaller(), GatedRepository.Create(request.Resource).OrThrow(), wish, context.CancellationToken)).OrThrow().ToMessage();
    }

    public override async Task<ListAccessRequestsResponse> ListAccessRequests(ListAccessRequestsRequest request, ServerCallContext context) =>
        (await accessLists.ListAsync(context.GetCaller(), GatedRepository.Create(request.Resource).OrThrow(), request, context.CancellationToken)).OrThrow();

    public override async Task<ListAccessRequestsResponse> ListOwnAccessRequests(ListOwnAccessRequestsRequest request, ServerCallContext context) =>
        (await accessLists.OwnAsync(context.GetCaller(), request, context.CancellationToken)).OrThrow();

    public override async Task<Decision> Decide(DecideRequest request, ServerCallContext context)
    {
        var question = Question.Create(request.Action, request.Resource, context.GetCaller()).OrThrow();
        return (await desk.DecideAsync(question, context.CancellationToken)).ToMessage(request.Action, request.Resource);
    }

    public override Task<TellDecisionsResponse> TellDecisions(TellDecisionsRequest request, ServerCallContext context)
    {
        tally.Count(ToldDecisions.Create(request).OrThrow());
        return Task.FromResult(new TellDecisionsResponse());
    }

    public override async Task<ReportUsageResponse> ReportUsage(ReportUsageRequest request, ServerCallContext context) =>
        new() { Accepted = (await usage.TakeAsync(request.Records, context.CancellationToken)).OrThrow() };

    public override async Task<GetUsageResponse> GetUsage(GetUsageRequest request, ServerCallContext context)
    {
        var tenant = TenantErrors.TenantFor(context.GetCaller(), request.Tenant);
        // The end is not part of a span: what was used in this very millisecond is to be in the answer.
        var until = Time("until", request.Until).OrThrow().At ?? clock.GetUtcNow().AddMilliseconds(1);
        var rows = (await usage.TotalsAsync(tenant, new(Time("since", request.Since).OrThrow().At ?? until - DefaultSpan, until), context.CancellationToken)).OrThrow();
        return new()
        {
            Tenant = tenant.Value.Value,
            Rows = { rows },
            Total = new()
            {
                Requests = rows.Sum(row => row.Requests),
                InputTokens = rows.Sum(row => row.InputTokens),
                OutputTokens = rows.Sum(row => row.OutputTokens),
                Milliseconds = rows.Sum(row => row.Milliseconds),
            },
        };
    }

    public override async Task<Quota> SetQuota(SetQuotaRequest request, ServerCallContext context)
    {
        var caller = context.GetCaller();
        return (await quotas.SetAsync(caller, TenantErrors.TenantFor(caller, request.Tenant), request.TokensPerDay, request.RequestsPerDay, context.CancellationToken)).OrThrow();
    }

    public override async Task<Quota> GetQuota(GetQuotaRequest request, ServerCallContext context) =>
        (await quotas.GetAsync(TenantErrors.TenantFor(context.GetCaller(), request.Tenant), context.CancellationToken)).OrThrow();

    public override async Task<ListAuditResponse> ListAudit(ListAuditRequest request, ServerCallContext context)
    {
        var records = (await audit.ListAsync(context.GetCaller(), request.After, request.PageSize, context.CancellationToken)).OrThrow();
        return new() { Records = { records.Select(record => record.ToReadable()) } };
    }

    public override async Task ExportAudit(ExportAuditRequest request, IServerStreamWriter<AuditEntry> responseStream, ServerCallContext context)
    {
        Refuse(AuditExport.Fault(request));
        await foreach (var entry in export.EntriesAsync(context.GetCaller(), request, context.CancellationToken))
        {
            await responseStream.WriteAsync(entry, context.CancellationToken);
        }
    }

    public override async Task ExportAuditEvents(ExportAuditRequest request, IServerStreamWriter<AuditCloudEvent> responseStream, ServerCallContext context)
    {
        Refuse(AuditExport.Fault(request));
        await foreach (var one in export.EventsAsync(context.GetCaller(), request, context.CancellationToken))
        {
            await responseStream.WriteAsync(one, context.CancellationToken);
        }
    }

    public override async Task<SignedEnvelope> GetAuditCheckpoint(GetAuditCheckpointRequest request, ServerCallContext context) =>
        Envelopes.Read((await checkpoints.TakeAsync(context.CancellationToken)).Envelope).OrThrow();

    public override async Task<EraseFromAuditResponse> EraseFromAudit(EraseFromAuditRequest request, ServerCallContext context) =>
        new() { Records = (await erasure.EraseAsync(context.GetCaller(), AccountName.Create(request.Account).OrThrow(), context.CancellationToken)).OrThrow() };

    public override async Task<Policy> GetPolicy(GetPolicyRequest request, ServerCallContext context) =>
        (await policies.GetAsync(PolicyScope.For(context.GetCaller(), request.Tenant, request.Garden).OrThrow(), request.Version, context.CancellationToken)).OrThrow();

    public override async Task<Policy> SetPolicy(SetPolicyRequest request, ServerCallContext context)
    {
        var caller = context.GetCaller();
        var wish = new PolicyWish(request.Text, request.Reason, request.ExpectedVersion);
        return (await policies.SetAsync(caller, PolicyScope.For(caller, request.Tenant, request.Garden).OrThrow(), wish, context.CancellationToken)).OrThrow();
    }

    public override async Task<ListPolicyVersionsResponse> ListPolicyVersions(ListPolicyVersionsRequest request, ServerCallContext context)
    {
        var scope = PolicyScope.For(context.GetCaller(), request.Tenant, request.Garden).OrThrow();
        return new() { Versions = { (await policies.ListAsync(scope, request.Before, request.PageSize, context.CancellationToken)).OrThrow() } };
    }

    public override async Task ReplayPolicy(ReplayPolicyRequest request, IServerStreamWriter<ReplayProgress> responseStream, ServerCallContext context)
    {
        var caller = context.GetCaller();
        var scope = PolicyScope.For(caller, request.Tenant, request.Garden).OrThrow();
        var replay = (await replays.BeginAsync(caller, scope, request.Text, request.Days, context.CancellationToken)).OrThrow();
        await foreach (var progress in replay.RunAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(progress, context.CancellationToken);
        }
    }

    public override async Task<Explanation> Why(WhyRequest request, ServerCallContext context) =>
        (await explaining.ExplainAsync(context.GetCaller(), request, context.CancellationToken)).OrThrow();

    private static void Refuse(Error? error)
    {
        if (error is not null)
        {
            throw new ErrorException(error);
        }
    }

    private static AccountName? OptionalAccount(string account) => account.Length > 0 ? AccountName.Create(account).OrThrow() : null;

    /// <summary>To the millisecond, as times are stored.</summary>
    private static Result<Moment> Time(string field, Timestamp? time)
    {
        if (time is not null && (time.Seconds is < 0 or > 253402300799 || time.Nanos is < 0 or > 999_999_999))
        {
            return Error.Invalid("BAD_TIME", $"{field} is not a time between 1970 and 9999");
        }

        return new Moment(time is null ? null : DateTimeOffset.FromUnixTimeMilliseconds((time.Seconds * 1000) + (time.Nanos / 1_000_000)));
    }

    private readonly record struct Moment(DateTimeOffset? At);
}
