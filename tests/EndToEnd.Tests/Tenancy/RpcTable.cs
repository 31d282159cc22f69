using static ModelGarden.EndToEnd.Tests.Tenancy.Effect;

namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>
/// Every RPC, one line each: how it is tried by whoever has no business with alpha, what the admin of another tenant is told (the reason of a refusal, or nothing: it answers, of his own things alone), and whether alpha's admin or
/// the operator reads alpha's world by it. What only services may call has no expectation here: its access rule says so, and all others are refused.
/// </summary>
internal static class RpcTable
{
    private const string Hidden = "REPOSITORY_NOT_FOUND";
    private const string NoRole = "ROLE_MISSING";
    private const string ByServices = "SERVICES_ONLY";
    private const string OtherTenant = "TENANT_NOT_FOUND";

    public static IReadOnlyList<RpcAttempt> All { get; } =
    [
        // Tenants and their people.
        new("Entitlement.CreateTenant", """{"name":"{secretTenant}"}""", NoRole, Changes),
        new("Entitlement.ListTenants", "{}", NoRole, OperatorReads),
        new("Entitlement.SetMember", """{"tenant":"{tenant}","account":"{account}","roles":["legal"]}""", OtherTenant, Changes),
        new("Entitlement.ListMembers", """{"tenant":"{tenant}"}""", OtherTenant, Reads),
        new("Entitlement.GetMember", """{"tenant":"{tenant}","account":"{account}"}""", ByServices, Changes),

        // Licences are the garden's; who accepted them is each tenant's own.
        new("Entitlement.PutLicense", """{"id":"{word}-license","title":"x","text":"x"}""", NoRole, Changes),
        new("Entitlement.GetLicense", """{"id":"apache-2.0"}""", "", Reads),
        new("Entitlement.ListLicenseVersions", """{"id":"apache-2.0"}""", "", Reads),
        new("Entitlement.ListLicenses", "{}", "", Reads),
        new("Entitlement.AcceptLicense", """{"id":"apache-2.0","textSha256":"{licenseText}","forAccount":"{account}"}""", "MEMBER_NOT_FOUND", Changes),
        new("Entitlement.WithdrawAcceptance", """{"id":"apache-2.0","forAccount":"{account}"}""", "NOT_ACCEPTED", Changes),
        new("Entitlement.ListAcceptances", "{}", "", Reads),
        new("Entitlement.GetEvidence", """{"id":"{acceptance}"}""", "ACCEPTANCE_NOT_FOUND", Reads),
        new("Entitlement.ListEvidenceKeys", "{}", "", Reads),
        new("Entitlement.PutContract", """{"id":"{contract}","partner":"x","license":"apache-2.0","tenants":["beta"],"seats":1}""", NoRole, Changes),
        new("Entitlement.ListContracts", "{}", "", Reads),
        new("Entitlement.ReleaseSeat", """{"id":"{contract}","account":"{account}"}""", "CONTRACT_NOT_FOUND", Changes),

        // Access to gated repositories: asked by the Hub of what Catalog has shown it.
        new("Entitlement.RequestAccess", """{"resource":{"repository":"{model}","repositoryId":"{modelId}"}}""", ByServices, Changes),
        new("Entitlement.HandleAccessRequest", """{"resource":{"repository":"{shown}","repositoryId":"{shownId}"},"account":"{asker}","status":"ACCESS_STATUS_REJECTED"}""", ByServices, Changes),
        new("Entitlement.GrantAccess", """{"resource":{"repository":"{shown}","repositoryId":"{shownId}"},"account":"bea"}""", ByServices, Changes),
        new("Entitlement.ListAccessRequests", """{"resource":{"repository":"{shown}","repositoryId":"{shownId}"},"status":"ACCESS_STATUS_PENDING"}""", ByServices, Changes),
        new("Entitlement.ListOwnAccessRequests", """{"repositoryId":"{modelId}"}""", "", Reads),
        new("Entitlement.Decide", """{"action":"ACTION_DOWNLOAD","resource":{"repository":"{model}","repositoryId":"{modelId}"}}""", ByServices, Changes),
        new("Entitlement.TellDecisions", """{"id":"{word}-told","decisions":[{"tenant":"{tenant}","account":"{account}"}]}""", ByServices, Changes),
        new("Entitlement.Why", """{"action":"ACTION_DOWNLOAD","repository":"{model}"}""", Hidden, Reads),
        new("Entitlement.Why", """{"action":"ACTION_CALL","endpoint":"{endpoint}"}""", "ENDPOINT_NOT_FOUND", Reads),
        new("Entitlement.Why", """{"action":"ACTION_DOWNLOAD","repository":"{shown}","account":"{account}"}""", "MEMBER_NOT_FOUND", Changes),
        new("Entitlement.Why", """{"action":"ACTION_DOWNLOAD","repository":"{shown}","account":"{account}","tenant":"{tenant}"}""", OtherTenant, Changes),

        // Usage, quota, audit, policy.
        new("Entitlement.ReportUsage", """{"records":[{"id":"{word}-use","tenant":"{tenant}"}]}""", ByServices, Changes),
        new("Entitlement.GetUsage", """{"tenant":"{tenant}"}""", OtherTenant, Reads),
        new("Entitlement.SetQuota", """{"tenant":"{tenant}","tokensPerDay":"1"}""", NoRole, Changes),
        new("Entitlement.GetQuota", """{"tenant":"{tenant}"}""", OtherTenant, Reads),
        new("Entitlement.ListAudit", """{"pageSize":1000}""", "", Reads),
        new("Entitlement.ExportAudit", "{}", "", Changes),
        new("Entitlement.ExportAuditEvents", "{}", "", Changes),
        new("Entitlement.GetAuditCheckpoint", "{}", "", Changes),
        new("Entitlement.EraseFromAudit", """{"account":"{account}"}""", NoRole, Changes),
        new("Entitlement.GetPolicy", """{"tenant":"{tenant}"}""", OtherTenant, Reads),
        new("Entitlement.SetPolicy", """{"tenant":"{tenant}","text":"","reason":"x","expectedVersion":1}""", OtherTenant, Changes),
        new("Entitlement.ListPolicyVersions", """{"tenant":"{tenant}"}""", OtherTenant, Reads),
        new("Entitlement.ReplayPolicy", """{"tenant":"{tenant}","text":"rules: []"}""", OtherTenant, Reads),

        // Search.
        new("Search.Query", """{"text":"{word}","facets":["owner","tag","task"]}""", "", Reads),
        new("Search.Query", """{"pageSize":500,"facets":["owner","tag","task","license","format"]}""", "", Reads),
        new("Search.Complete", """{"beginning":"{word}"}""", "", Reads),
        new("Search.Complete", """{"beginning":"alpha/"}""", "", Reads),
        new("Search.Similar", """{"name":"{model}"}""", Hidden, Reads),

        // Bytes.
        new("Artifacts.PrepareUpload", """{"sha256":"{sha256}","size":"{size}"}""", "", Changes),
        new("Artifacts.PrepareUpload", """{"sha256":"{unused}","size":"{unusedSize}"}""", "", Changes),
        new("Artifacts.GetFiles", """{"sha256":["{sha256}","{unused}"],"tenant":"alpha"}""", "", Reads),
        new("Artifacts.HoldFiles", """{"tenant":"beta","sha256":["{sha256}"]}""", ByServices, Changes),
        new("Artifacts.ReadTensors", """{"sha256":"{sha256}","count":1}""", ByServices, Changes),
        new("Artifacts.GetConversion", """{"sha256":"{sha256}"}""", "FILE_NOT_FOUND", Reads),
        new("Artifacts.SignDownload", """{"sha256":"{sha256}"}""", ByServices, Changes),
        new("Artifacts.SignXetAccess", """{"tenant":"{tenant}","repository":"{model}"}""", ByServices, Changes),
        new("Artifacts.CollectGarbage", """{"dryRun":true}""", NoRole, Changes),
        new("Artifacts.GetIntegrity", "{}", NoRole, OperatorReads),
        new("Artifacts.GetStorageUsage", """{"tenant":"{tenant}"}""", "NOT_YOUR_TENANT", Reads),
        new("Artifacts.SetStorageQuota", """{"tenant":"{tenant}","logicalBytes":"1"}""", NoRole, Changes),

        // Who someone is.
        new("Identity.Authenticate", """{"credential":"{secret}"}""", ByServices, Changes),
        new("Identity.IssueServiceToken", """{"service":"hub","secret":"{word}"}""", "BAD_SECRET", Changes),
        new("Identity.ListSigningKeys", "{}", "", Changes),
        new("Identity.WhoAmI", "{}", "", Reads),
        new("Identity.CreateAccount", """{"name":"{secretTenant}","tenant":"{tenant}"}""", OtherTenant, Changes),
        new("Identity.CreateAccount", """{"name":"{account}"}""", "ACCOUNT_EXISTS", Changes) { Shown = "names of accounts are one space of the whole garden: who makes one learns that a name is taken" },
        new("Identity.ListAccounts", """{"tenant":"{tenant}"}""", OtherTenant, Reads),
        new("Identity.SetAccountDisabled", """{"name":"{account}","disabled":true}""", "ACCOUNT_NOT_FOUND", Changes),
        new("Identity.GetAccount", """{"name":"{account}"}""", ByServices, Changes),
        new("Identity.CreateToken", """{"account":"{account}"}""", "ACCOUNT_NOT_FOUND", Changes),
        new("Identity.ListTokens", """{"account":"{account}"}""", "ACCOUNT_NOT_FOUND", Reads),
        new("Identity.RevokeToken", """{"id":"{token}"}""", "TOKEN_NOT_FOUND", Changes),
        new("Identity.CreateInvitation", """{"tenant":"{tenant}"}""", OtherTenant, Changes),
        new("Identity.ListInvitations", """{"tenant":"{tenant}"}""", OtherTenant, Reads),
        new("Identity.RevokeInvitation", """{"id":"{invitation}"}""", "INVITATION_NOT_FOUND", Changes),
        new("Identity.CreatePasswordReset", """{"account":"{account}"}""", "ACCOUNT_NOT_FOUND", Changes),
        new("Identity.RemoveSecondFactor", """{"account":"{account}"}""", "ACCOUNT_NOT_FOUND", Changes),
        new("Identity.ListSessions", """{"account":"{account}"}""", "ACCOUNT_NOT_FOUND", Reads),
        new("Identity.EndSession", """{"id":"{signedIn}"}""", "SESSION_NOT_FOUND", Changes),
        new("Identity.EndSessions", """{"account":"{account}"}""", "ACCOUNT_NOT_FOUND", Changes),
        new("Identity.GetSignInRules", """{"tenant":"{tenant}"}""", OtherTenant, Reads),
        new("Identity.SetSignInRules", """{"tenant":"{tenant}","secondFactorRequired":true}""", OtherTenant, Changes),
        new("Identity.CreateClient", """{"tenant":"{tenant}","name":"x","redirectUris":["https://x.example/"]}""", OtherTenant, Changes),
        new("Identity.CreateClient", """{"name":"x","isConfidential":true,"grants":["client_credentials"],"account":"{robot}"}""", "ACCOUNT_NOT_FOUND", Changes),
        new("Identity.ListClients", """{"tenant":"{tenant}"}""", OtherTenant, Reads),
        new("Identity.RotateClientSecret", """{"id":"{client}"}""", "CLIENT_NOT_FOUND", Changes),
        new("Identity.DeleteClient", """{"id":"{client}"}""", "CLIENT_NOT_FOUND", Changes),
        new("Identity.ListGrants", """{"account":"{account}"}""", "ACCOUNT_NOT_FOUND", Reads),
        new("Identity.EndGrant", """{"id":"{client}"}""", "GRANT_NOT_FOUND", Changes),
        new("Identity.CreateTrustedIssuer", """{"tenant":"{tenant}","issuer":"https://x.example","audience":"x","claims":{"sub":"repo:x/y"},"account":"{robot}","repository":"{model}"}""", OtherTenant, Changes),
        new("Identity.CreateTrustedIssuer", """{"issuer":"https://x.example","audience":"x","claims":{"sub":"repo:x/y"},"account":"{robot}","repository":"beta/own"}""", "ACCOUNT_NOT_FOUND", Changes),
        new("Identity.CreateTrustedIssuer", """{"issuer":"https://x.example","audience":"x","claims":{"sub":"repo:x/y"},"account":"bot","repository":"{model}"}""", "NOT_YOUR_NAMESPACE", Changes),
        new("Identity.ListTrustedIssuers", """{"tenant":"{tenant}"}""", OtherTenant, Reads),
        new("Identity.DeleteTrustedIssuer", """{"id":"{trust}"}""", "ISSUER_NOT_FOUND", Changes),

        // Endpoints.
        new("Deployment.CreateEndpoint", """{"name":"of-another","repository":"{model}"}""", Hidden, Changes),
        new("Deployment.UpdateEndpoint", """{"name":"{endpoint}","revision":"main"}""", "ENDPOINT_NOT_FOUND", Changes),
        new("Deployment.GetEndpoint", """{"name":"{endpoint}"}""", "ENDPOINT_NOT_FOUND", Reads),
        new("Deployment.ListEndpoints", "{}", "", Reads),
        new("Deployment.WatchEndpoint", """{"name":"{endpoint}"}""", "ENDPOINT_NOT_FOUND", Changes),
        new("Deployment.DeleteEndpoint", """{"name":"{endpoint}"}""", "ENDPOINT_NOT_FOUND", Changes),
        new("Deployment.ReadLogs", """{"name":"{endpoint}"}""", "ENDPOINT_NOT_FOUND", Reads),
        new("Deployment.Activate", """{"tenant":"{tenant}","name":"{endpoint}"}""", ByServices, Changes),
        new("Deployment.ReportActivity", """{"replicas":[{"tenant":"{tenant}","endpoint":"{endpoint}"}],"reporter":"x"}""", ByServices, Changes),

        // Repositories.
        new("Catalog.CreateRepository", """{"name":"{model}"}""", "NOT_YOUR_NAMESPACE", Changes),
        new("Catalog.GetRepository", """{"name":"{model}"}""", Hidden, Reads),
        new("Catalog.GetRepository", """{"name":"{dataset}","kind":"REPOSITORY_KIND_DATASET"}""", Hidden, Reads),
        new("Catalog.GetRepository", """{"name":"{app}"}""", Hidden, Reads),
        new("Catalog.DeleteRepository", """{"name":"{model}"}""", Hidden, Changes),
        new("Catalog.UpdateRepository", """{"name":"{model}","visibility":"VISIBILITY_GARDEN"}""", Hidden, Changes),
        new("Catalog.ListRepositories", """{"owner":"alpha"}""", "", Reads),
        new("Catalog.ListRepositories", """{"owner":"{secretTenant}"}""", "", Reads),
        new("Catalog.ListRepositories", """{"reviewer":"{account}"}""", "CURATORS_ONLY", Changes),
        new("Catalog.ResolveRevision", """{"name":"{model}","revision":"{branch}"}""", Hidden, Reads),
        new("Catalog.RecordOrigin", """{"name":"{model}","source":{"kind":"SOURCE_KIND_MIRRORED","origin":"https://x.example"},"files":[{"path":"{file}","size":"1","sha256":"{sha256}"}]}""", Hidden, Changes),
        new("Catalog.GetOrigin", """{"name":"{model}"}""", Hidden, Reads),
        new("Catalog.ListOrigins", """{"name":"{model}"}""", Hidden, Reads),
        new("Catalog.CreateCommit", """{"name":"{model}","summary":"x","operations":[{"addFile":{"path":"x","content":"eA=="}}]}""", Hidden, Changes),
        new("Catalog.CreateCommit", """{"name":"beta/own","summary":"x","operations":[{"addLargeFile":{"path":"x","sha256":"{sha256}"}}]}""", "FILE_NOT_UPLOADED", Changes),
        new("Catalog.CreateCommit", """{"name":"beta/own","summary":"x","operations":[{"addLargeFile":{"path":"x","sha256":"{unused}"}}]}""", "FILE_NOT_UPLOADED", Changes),
        new("Catalog.CreateCommit", """{"name":"alpha/ci","summary":"x","operations":[{"addLargeFile":{"path":"x","sha256":"{sha256}"}}]}""", Hidden, Changes),
        new("Catalog.ListCommits", """{"name":"{model}"}""", Hidden, Reads),
        new("Catalog.ListRefs", """{"name":"{model}"}""", Hidden, Reads),
        new("Catalog.CreateRef", """{"name":"{model}","ref":"refs/heads/x","revision":"{commit}"}""", Hidden, Changes),
        new("Catalog.CreateRef", """{"name":"beta/own","ref":"refs/heads/x","revision":"{commit}"}""", "REVISION_NOT_FOUND", Changes),
        new("Catalog.DeleteRef", """{"name":"{model}","ref":"refs/heads/{branch}"}""", Hidden, Changes),
        new("Catalog.ListTree", """{"name":"{model}","revision":"{tag}","recursive":true,"detailed":true}""", Hidden, Reads),
        new("Catalog.GetEntries", """{"name":"{model}","paths":["{file}"],"detailed":true}""", Hidden, Reads),
        new("Catalog.ListFindings", """{"name":"{model}"}""", Hidden, Reads),
        new("Catalog.ReadFile", """{"name":"{model}","path":"README.md"}""", Hidden, Changes),
        new("Catalog.ListTensors", """{"name":"{model}","path":"{file}"}""", Hidden, Changes),
        new("Catalog.GetAccessForm", """{"name":"{model}"}""", Hidden, Changes),
        new("Catalog.ReadCard", """{"name":"{model}"}""", Hidden, Reads),
        new("Catalog.CheckCard", """{"content":"# {word}"}""", "", Reads),
        new("Catalog.ChangeLifecycle", """{"name":"{model}","action":"LIFECYCLE_ACTION_SUBMIT"}""", Hidden, Changes),
        new("Catalog.ChangeLifecycle", """{"name":"{shown}","action":"LIFECYCLE_ACTION_TAKE_DOWN","comment":"x"}""", "CURATORS_ONLY", Changes),
        new("Catalog.ListLifecycle", """{"name":"{model}"}""", Hidden, Reads),
        new("Catalog.ListLifecycle", """{"name":"{shown}"}""", "OWNER_ONLY", Reads),
        new("Catalog.VerifyLifecycle", """{"name":"{model}"}""", Hidden, Reads),
        new("Catalog.ListChecks", """{"name":"{model}"}""", Hidden, Reads),
        new("Catalog.FilterUsedFiles", """{"sha256":["{sha256}"]}""", ByServices, Changes),
        new("Catalog.FilterUsedHolds", """{"holds":[{"sha256":"{sha256}","tenant":"{tenant}"}]}""", ByServices, Changes),
        new("Catalog.CountDownloads", """{"downloads":[{"repositoryId":"{modelId}","client":"x"}]}""", ByServices, Changes),

        // Git, and what compares and merges.
        new("Catalog.FindCommon", """{"name":"{model}","wants":["{commit}"]}""", Hidden, Reads),
        new("Catalog.FindCommon", """{"name":"beta/own","haves":["{commit}"]}""", "", Changes),
        new("Catalog.ReadPack", """{"name":"{model}","wants":["{commit}"]}""", Hidden, Changes),
        new("Catalog.ReadObjects", """{"name":"{model}","ids":["{commit}"]}""", Hidden, Changes),
        new("Catalog.ReadObjects", """{"name":"beta/own","ids":["{commit}"]}""", "", Changes),
        new("Catalog.Push", """{"start":{"name":"{model}","updates":[{"name":"refs/heads/main","old":"{commit}","new":"0000000000000000000000000000000000000000"}]}}""", Hidden, Changes),
        new("Catalog.FindLargeFiles", """{"name":"{model}","sha256":["{sha256}"]}""", Hidden, Reads),
        new("Catalog.FindLargeFiles", """{"name":"beta/own","sha256":["{sha256}"]}""", "", Changes),
        new("Catalog.ListLargeFiles", """{"name":"{model}"}""", Hidden, Reads),
        new("Catalog.CompareRevisions", """{"name":"{model}","base":"{commit}","revision":"main"}""", Hidden, Reads),
        new("Catalog.DiffRevisions", """{"name":"{model}","base":"{commit}","revision":"main"}""", Hidden, Changes),
        new("Catalog.SquashBranch", """{"name":"{model}","branch":"{branch}","summary":"x"}""", Hidden, Changes),
        new("Catalog.MergeRevision", """{"name":"{model}","revision":"{branch}"}""", Hidden, Changes),
        new("Catalog.MoveRepository", """{"name":"{model}","newName":"beta/taken"}""", Hidden, Changes),
        new("Catalog.MoveRepository", """{"name":"beta/own","newName":"{model}"}""", "NOT_YOUR_NAMESPACE", Changes),
        new("Catalog.DuplicateRepository", """{"name":"{model}","newName":"beta/copied"}""", Hidden, Changes),

        // Discussions.
        new("Catalog.OpenDiscussion", """{"name":"{model}","title":"hello there"}""", Hidden, Changes),
        new("Catalog.ListDiscussions", """{"name":"{model}"}""", Hidden, Reads),
        new("Catalog.GetDiscussion", """{"name":"{model}","number":"{pull}"}""", Hidden, Reads),
        new("Catalog.ChangeDiscussion", """{"name":"{model}","number":"{pull}","edit":{"id":"{comment}","text":"x"}}""", Hidden, Changes),
        new("Catalog.MergePullRequest", """{"name":"{model}","number":"{pull}"}""", Hidden, Changes),

        // Collections, likes, families.
        new("Catalog.CreateCollection", """{"owner":"{tenant}","title":"A nest"}""", "NOT_YOUR_NAMESPACE", Changes),
        new("Catalog.GetCollection", """{"slug":"{collection}"}""", "COLLECTION_NOT_FOUND", Reads),
        new("Catalog.ListCollections", """{"owners":["alpha"]}""", "", Reads),
        new("Catalog.ListCollections", """{"repositories":[{"name":"{model}","kind":"REPOSITORY_KIND_MODEL"}]}""", "", Reads),
        new("Catalog.ListCollections", """{"text":"{word}"}""", "", Reads),
        new("Catalog.UpdateCollection", """{"slug":"{collection}","private":false}""", "COLLECTION_NOT_FOUND", Changes),
        new("Catalog.DeleteCollection", """{"slug":"{collection}"}""", "COLLECTION_NOT_FOUND", Changes),
        new("Catalog.AddCollectionItem", """{"slug":"{collection}","repository":{"name":"beta/own","kind":"REPOSITORY_KIND_MODEL"}}""", "COLLECTION_NOT_FOUND", Changes),
        new("Catalog.UpdateCollectionItem", """{"slug":"{collection}","itemId":"{item}","note":"x"}""", "COLLECTION_NOT_FOUND", Changes),
        new("Catalog.RemoveCollectionItem", """{"slug":"{collection}","itemId":"{item}"}""", "COLLECTION_NOT_FOUND", Changes),
        new("Catalog.FeatureCollection", """{"slug":"{collection}","featured":true}""", NoRole, Changes),
        new("Catalog.SetLike", """{"name":"{model}","liked":true}""", Hidden, Changes),
        new("Catalog.ListLikers", """{"name":"{model}"}""", Hidden, Reads),
        new("Catalog.ListLikes", """{"account":"{account}"}""", "", Reads),
        new("Catalog.ListFamily", """{"name":"{model}","direction":"FAMILY_DIRECTION_ANCESTORS"}""", Hidden, Reads),
        new("Catalog.ListVariations", """{"name":"{model}"}""", Hidden, Reads),

        // Webhooks are an account's own.
        new("Catalog.CreateWebhook", """{"url":"https://x.example/hook","watched":[{"type":"WATCHED_TYPE_MODEL","name":"{model}"}],"address":"https://x.example"}""", Hidden, Changes),
        new("Catalog.ListWebhooks", "{}", "", Reads),
        new("Catalog.GetWebhook", """{"id":"{webhook}"}""", "WEBHOOK_NOT_FOUND", Changes),
        new("Catalog.UpdateWebhook", """{"id":"{webhook}","url":"https://x.example/hook"}""", "WEBHOOK_NOT_FOUND", Changes),
        new("Catalog.DeleteWebhook", """{"id":"{webhook}"}""", "WEBHOOK_NOT_FOUND", Changes),
        new("Catalog.SetWebhookDisabled", """{"id":"{webhook}","disabled":true}""", "WEBHOOK_NOT_FOUND", Changes),
        new("Catalog.ListDeliveries", """{"webhookId":"{webhook}"}""", "WEBHOOK_NOT_FOUND", Changes),
        new("Catalog.Redeliver", """{"webhookId":"{webhook}","deliveryId":"{delivery}"}""", "WEBHOOK_NOT_FOUND", Changes),

        // Ratings and reports.
        new("Catalog.RateRepository", """{"name":"{model}","rating":"CONTENT_RATING_EXPLICIT","reason":"x"}""", NoRole, Changes),
        new("Catalog.ReportRepository", """{"name":"{model}","category":"REPORT_CATEGORY_OTHER","text":"x"}""", Hidden, Changes),
        new("Catalog.ListOwnReports", "{}", "", Reads),
        new("Catalog.ListReports", "{}", NoRole, OperatorReads),
        new("Catalog.ListReportedRepositories", "{}", NoRole, OperatorReads),
        new("Catalog.GetReport", """{"id":"{report}"}""", "REPORT_NOT_FOUND", OperatorReads),
        new("Catalog.TakeReport", """{"id":"{report}"}""", NoRole, Changes),
        new("Catalog.ResolveReport", """{"id":"{report}","state":"REPORT_STATE_DISMISSED"}""", NoRole, Changes),

        // Feeds are for services.
        new("ChangeFeed.Watch", "{}", ByServices, Changes),
    ];
}
