using ModelGarden.Hosting;

namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>
/// Every HTTP route of every service, one line each, as <see cref="RpcTable"/> has every RPC: how it is tried and which status the admin of another tenant is answered. Our own REST is not here: it is tried with every RPC that has it.
/// </summary>
internal static class RouteTable
{
    private const string AtHub = ServiceNames.Hub;
    private const string AtServing = ServiceNames.Serving;
    private const string AtArtifacts = ServiceNames.Artifacts;
    private const string AtIdentity = ServiceNames.Identity;
    private const string AtGateway = ServiceNames.Gateway;
    private const string Form = "application/x-www-form-urlencoded";
    private const string Lines = "application/x-ndjson";
    private const string Info = "/api/{kind}/{ns}/{name}";
    private const string Page = "/{prefix}/{ns}/{name}";
    private const string Discussions = Info + "/discussions";
    private const string Webhooks = "/api/settings/webhooks";
    private const string Cas = "/garden/v1/xet";
    private const string Files = "/garden/v1/files";

    public static IReadOnlyList<RouteAttempt> All { get; } =
    [
        // What the Hub tells of people and organisations.
        new(AtHub, "GET", "/api/whoami-v2", "200"),
        new(AtHub, "GET", "/api/agent-harnesses", "200"),
        new(AtHub, "GET", "/api/users/{user}/overview", "404"),
        new(AtHub, "GET", "/api/users/{user}/avatar", "404"),
        new(AtHub, "GET", "/api/users/{user}/followers", "404"),
        new(AtHub, "GET", "/api/users/{user}/following", "404"),
        new(AtHub, "GET", "/api/users/{user}/likes", "200"),
        new(AtHub, "GET", "/api/organizations/{org}/overview", "404"),
        new(AtHub, "GET", "/api/organizations/{org}/avatar", "404"),
        new(AtHub, "GET", "/api/organizations/{org}/followers", "404"),
        new(AtHub, "GET", "/api/organizations/{org}/members", "404"),
        new(AtHub, "GET", "/api/organizations/{org}/overview", "200") { Target = "/api/organizations/alpha/overview" },
        new(AtHub, "GET", "/api/organizations/{org}/members", "403") { Target = "/api/organizations/alpha/members" },

        // Repositories.
        new(AtHub, "GET", "/api/{kind}", "200") { Query = "?author=alpha&full=true&cardData=true" },
        new(AtHub, "GET", "/api/{kind}", "200") { Query = "?search={word}" },
        new(AtHub, "GET", "/api/models-tags-by-type", "200"),
        new(AtHub, "GET", "/api/datasets-tags-by-type", "200"),
        new(AtHub, "GET HEAD", Info, "404"),
        new(AtHub, "GET HEAD", Info + "/revision/{rev}", "404"),
        new(AtHub, "GET HEAD", "/api/{kind}/{name}", "404"),
        new(AtHub, "GET HEAD", Info + "/auth-check", "404"),
        new(AtHub, "GET HEAD", Info + "/auth-check/write", "404"),
        new(AtHub, "POST", "/api/repos/create", "403") { Body = """{"name":"{model}","type":"model"}""" },
        new(AtHub, "DELETE", "/api/repos/delete", "404") { Body = """{"name":"{model}","type":"model"}""" },
        new(AtHub, "POST", "/api/repos/move", "404") { Body = """{"fromRepo":"{model}","toRepo":"beta/taken","type":"model"}""" },
        new(AtHub, "PUT", Info + "/settings", "404") { Body = """{"private":false,"gated":false}""" },
        new(AtHub, "POST", Info + "/duplicate", "404") { Body = """{"repository":"beta/copied"}""" },
        new(AtHub, "POST", Info + "/lfs-files/duplicate", "404") { Body = """{"target":{"type":"model","name":"beta/own"},"files":[{"sha256":"{sha256}","filename":"{file}"}]}""" },
        new(AtHub, "GET", Info + "/lfs-files", "404"),
        new(AtHub, "POST", Info + "/lfs-files/batch", "404") { Body = """{"deletions":{"sha":["{sha256}"],"rewriteHistory":false}}""" },
        new(AtHub, "GET", Info + "/tree/{rev}", "404"),
        new(AtHub, "GET", Info + "/tree/{rev}/{*path}", "404"),
        new(AtHub, "GET", Info + "/tree/refs/{space}/{ref}", "404"),
        new(AtHub, "GET", Info + "/tree/refs/{space}/{ref}/{*path}", "404"),
        new(AtHub, "POST", Info + "/paths-info/{rev}", "404") { Body = """{"paths":["{file}"]}""" },
        new(AtHub, "GET HEAD", Page + "/resolve/{rev}/{*path}", "404"),
        new(AtHub, "GET HEAD", "/{prefix}/{name}/resolve/{rev}/{*path}", "404"),
        new(AtHub, "GET HEAD", Page + "/raw/{rev}/{*path}", "404"),
        new(AtHub, "GET HEAD", Page + "/blob/{rev}/{*path}", "307"),
        new(AtHub, "GET HEAD", Page + "/tree/{rev}", "307"),
        new(AtHub, "GET HEAD", Page + "/tree/{rev}/{*path}", "307"),
        new(AtHub, "GET HEAD", Info + "/compare/{*compare}", "404"),
        new(AtHub, "GET HEAD", Info + "/commits/{*rev}", "404"),
        new(AtHub, "POST", Info + "/super-squash/{*rev}", "404") { Body = """{"message":"x"}""" },
        new(AtHub, "GET", Info + "/refs", "404"),
        new(AtHub, "POST", Info + "/branch/{*branch}", "404") { Body = """{"startingPoint":"{commit}"}""" },
        new(AtHub, "DELETE", Info + "/branch/{*branch}", "404"),
        new(AtHub, "POST", Info + "/tag/{*rev}", "404") { Body = """{"tag":"x"}""" },
        new(AtHub, "DELETE", Info + "/tag/{*rev}", "404"),
        new(AtHub, "POST", Info + "/commit/{rev}", "404") { Type = Lines, Body = """{"key":"header","value":{"summary":"x"}}""" },
        new(AtHub, "POST", Info + "/commit/{rev}", "400") { Target = "/api/models/beta/own/commit/main", Type = Lines, Body = "{\"key\":\"header\",\"value\":{\"summary\":\"x\"}}\n{\"key\":\"lfsFile\",\"value\":{\"path\":\"x.bin\",\"algo\":\"sha256\",\"oid\":\"{sha256}\"}}" },
        new(AtHub, "POST", "/api/validate-yaml", "200") { Body = """{"content":"# {word}","repoType":"model"}""" },
        new(AtHub, "GET HEAD", "/api/{kind}/{name}/revision/{rev}", "404"),
        new(AtHub, "GET HEAD", "/api/{kind}/{name}/tree/{rev}", "404"),
        new(AtHub, "GET HEAD", "/api/{kind}/{name}/tree/{rev}/{*path}", "404"),
        new(AtHub, "GET HEAD", "/api/{kind}/{name}/commits/{rev}", "404"),
        new(AtHub, "GET HEAD", "/{name}/resolve/{rev}/{*path}", "404"),
        new(AtHub, "GET HEAD", "/{name}/raw/{rev}/{*path}", "404"),

        // Uploads.
        new(AtHub, "POST", Info + "/preupload/{rev}", "404") { Body = """{"files":[{"path":"{file}","size":1,"sample":"eA=="}]}""" },
        new(AtHub, "POST", "/{prefix}/{ns}/{name}.git/info/lfs/objects/batch", "404") { Body = """{"operation":"download","objects":[{"oid":"{sha256}","size":{size}}]}""" },
        new(AtHub, "POST", "/{prefix}/{ns}/{name}.git/info/lfs/objects/batch", "200") { Target = "/beta/own.git/info/lfs/objects/batch", Body = """{"operation":"download","objects":[{"oid":"{sha256}","size":{size}}]}""" },
        new(AtHub, "POST", "/{prefix}/{ns}/{name}.git/info/lfs/objects/batch", "200") { Target = "/beta/own.git/info/lfs/objects/batch", Body = """{"operation":"upload","objects":[{"oid":"{unused}","size":{unusedSize}}]}""" },
        new(AtHub, "POST", "/{prefix}/{ns}/{name}.git/info/lfs/objects/verify", "404") { Body = """{"oid":"{sha256}","size":{size}}""" },
        new(AtHub, "POST", "/{prefix}/{ns}/{name}.git/info/lfs/objects/verify", "404") { Target = "/beta/own.git/info/lfs/objects/verify", Body = """{"oid":"{sha256}","size":{size}}""" },
        new(AtHub, "GET POST", "/{prefix}/{ns}/{name}.git/info/lfs/locks", "501"),
        new(AtHub, "POST", "/{prefix}/{ns}/{name}.git/info/lfs/locks/verify", "501"),
        new(AtHub, "GET", Info + "/xet-read-token/{rev}", "404"),
        new(AtHub, "GET", Info + "/xet-write-token/{rev}", "404"),

        // Git.
        new(AtHub, "GET", Page + ".git/info/refs", "404") { Query = "?service=git-upload-pack" },
        new(AtHub, "GET", Page + "/info/refs", "404") { Query = "?service=git-receive-pack" },
        // Version 2 of git's protocol says in its answer that there is no such repository.
        new(AtHub, "POST", Page + ".git/git-upload-pack", "200") { Type = "application/x-git-upload-pack-request", Body = "0014command=ls-refs\n0000" },
        new(AtHub, "POST", Page + "/git-upload-pack", "200") { Type = "application/x-git-upload-pack-request", Body = "0014command=ls-refs\n0000" },
        new(AtHub, "POST", Page + ".git/git-receive-pack", "404") { Type = "application/x-git-receive-pack-request", Body = "0000" },
        new(AtHub, "POST", Page + "/git-receive-pack", "404") { Type = "application/x-git-receive-pack-request", Body = "0000" },

        // Access to gated repositories; of one that everybody sees, who has asked for it.
        new(AtHub, "GET", Page + "/ask-access", "404"),
        new(AtHub, "POST", Page + "/ask-access", "404") { Body = """{"Reason":"x"}""" },
        new(AtHub, "GET", Info + "/user-access-request/{status}", "404"),
        new(AtHub, "POST", Info + "/user-access-request/handle", "404") { Body = """{"user":"{asker}","status":"rejected"}""" },
        new(AtHub, "POST", Info + "/user-access-request/grant", "404") { Body = """{"user":"bea"}""" },
        new(AtHub, "GET", Info + "/user-access-request/{status}", "403") { Target = "/api/models/{shown}/user-access-request/pending" },
        new(AtHub, "POST", Info + "/user-access-request/handle", "403") { Target = "/api/models/{shown}/user-access-request/handle", Body = """{"user":"{asker}","status":"rejected"}""" },
        new(AtHub, "POST", Info + "/user-access-request/grant", "403") { Target = "/api/models/{shown}/user-access-request/grant", Body = """{"user":"{asker}"}""" },

        // Discussions, likes, collections, webhooks.
        new(AtHub, "GET", Discussions, "404"),
        new(AtHub, "POST", Discussions, "404") { Body = """{"title":"hello there","description":"x"}""" },
        new(AtHub, "GET", Discussions + "/{num}", "404"),
        new(AtHub, "POST", Discussions + "/{num}/comment", "404") { Body = """{"comment":"x"}""" },
        new(AtHub, "POST", Discussions + "/{num}/title", "404") { Body = """{"title":"hello there"}""" },
        new(AtHub, "POST", Discussions + "/{num}/status", "404") { Body = """{"status":"closed"}""" },
        new(AtHub, "POST", Discussions + "/{num}/merge", "404") { Body = "{}" },
        new(AtHub, "POST", Discussions + "/{num}/comment/{id}/edit", "404") { Target = Discussions + "/{num}/comment/{comment}/edit", Body = """{"content":"x"}""" },
        new(AtHub, "POST", Discussions + "/{num}/comment/{id}/hide", "404") { Target = Discussions + "/{num}/comment/{comment}/hide" },
        new(AtHub, "POST", Info + "/like", "404"),
        new(AtHub, "DELETE", Info + "/like", "404"),
        new(AtHub, "GET", Info + "/likers", "404"),
        new(AtHub, "GET", "/api/collections", "200") { Query = "?owner=alpha" },
        new(AtHub, "GET", "/api/collections", "200") { Query = "?item=models/{model}" },
        new(AtHub, "POST", "/api/collections", "403") { Body = """{"title":"A nest","namespace":"{tenant}"}""" },
        new(AtHub, "GET", "/api/collections/{owner}/{slug}", "404"),
        new(AtHub, "PATCH", "/api/collections/{owner}/{slug}", "404") { Body = """{"private":false}""" },
        new(AtHub, "DELETE", "/api/collections/{owner}/{slug}", "404"),
        new(AtHub, "POST", "/api/collections/{owner}/{slug}/items", "404") { Body = """{"item":{"type":"model","id":"beta/own"}}""" },
        new(AtHub, "PATCH", "/api/collections/{owner}/{slug}/items/{id}", "404") { Target = "/api/collections/{collection}/items/{item}", Body = """{"note":"x"}""" },
        new(AtHub, "DELETE", "/api/collections/{owner}/{slug}/items/{id}", "404") { Target = "/api/collections/{collection}/items/{item}" },
        new(AtHub, "GET", Webhooks, "200"),
        new(AtHub, "POST", Webhooks, "404") { Body = """{"url":"https://x.example/hook","watched":[{"type":"model","name":"{model}"}]}""" },
        new(AtHub, "GET", Webhooks + "/{id}", "404") { Target = Webhooks + "/{webhook}" },
        new(AtHub, "POST", Webhooks + "/{id}", "404") { Target = Webhooks + "/{webhook}", Body = """{"url":"https://x.example/hook"}""" },
        new(AtHub, "DELETE", Webhooks + "/{id}", "404") { Target = Webhooks + "/{webhook}" },
        new(AtHub, "POST", Webhooks + "/{id}/enable", "404") { Target = Webhooks + "/{webhook}/enable" },
        new(AtHub, "POST", Webhooks + "/{id}/disable", "404") { Target = Webhooks + "/{webhook}/disable" },
        new(AtHub, "GET", Webhooks + "/{id}/deliveries", "404") { Target = Webhooks + "/{webhook}/deliveries" },
        new(AtHub, "POST", Webhooks + "/{id}/deliveries/{delivery}/redeliver", "404") { Target = Webhooks + "/{webhook}/deliveries/{delivery}/redeliver" },

        // Calls of endpoints.
        new(AtServing, "POST", "/v1/chat/completions", "404") { Body = """{"model":"{endpoint}","messages":[{"role":"user","content":"x"}]}""" },
        new(AtServing, "POST", "/v1/chat/completions", "404") { Body = """{"model":"alpha/{endpoint}","messages":[{"role":"user","content":"x"}]}""" },
        new(AtServing, "POST", "/v1/completions", "404") { Body = """{"model":"{endpoint}","prompt":"x"}""" },
        new(AtServing, "POST", "/v1/embeddings", "404") { Body = """{"model":"{endpoint}","input":"x"}""" },
        new(AtServing, "GET", "/v1/models", "200"),
        new(AtServing, "GET", "/v1/models/{**id}", "404"),
        new(AtServing, "GET", "/v1/models/{**id}", "404") { Target = "/v1/models/alpha/{endpoint}" },
        new(AtServing, "*", "/v1/{**rest}", "404"),
        new(AtServing, "GET POST", "/kserve/{endpoint}/v2/{**rest}", "404") { Target = "/kserve/{endpoint}/v2/models/{endpoint}/infer", Body = """{"inputs":[]}""" },
        new(AtServing, "GET", "/kserve/{endpoint}/v2", "404"),

        // Bytes, by addresses that somebody else's signature is on.
        new(AtArtifacts, "PUT", Files + "/uploads/{session}", "403") { Query = "{signature}", Type = "application/octet-stream", Body = "x" },
        new(AtArtifacts, "HEAD", Files + "/uploads/{session}", "403") { Query = "{signature}" },
        new(AtArtifacts, "PATCH", Files + "/uploads/{session}", "403") { Query = "{signature}", Type = "application/octet-stream", Body = "x" },
        new(AtArtifacts, "PUT", Files + "/uploads/{session}/parts/{number}", "403") { Query = "{signature}", Type = "application/octet-stream", Body = "x" },
        new(AtArtifacts, "POST", Files + "/uploads/{session}/complete", "403") { Query = "{signature}", Body = """{"oid":"{sha256}","parts":[]}""" },
        new(AtArtifacts, "GET HEAD", Files + "/{sha256}", "403"),
        new(AtArtifacts, "GET HEAD", Files + "/{sha256}", "403") { Query = "{signature}" },
        new(AtArtifacts, "GET HEAD", Files + "/any/{sha256}", "403") { Query = "{signature}" },

        // The Xet protocol, with a token of beta's.
        new(AtArtifacts, "GET", Cas + "/v2/reconstructions/{hash}", "404"),
        new(AtArtifacts, "GET", Cas + "/v1/reconstructions/{hash}", "404"),
        new(AtArtifacts, "GET", Cas + "/reconstructions/{hash}", "404"),
        new(AtArtifacts, "GET", Cas + "/reconstruction/{hash}", "404"),
        new(AtArtifacts, "GET", Cas + "/v1/reconstructions", "404") { Query = "?file_id={xet}" },
        new(AtArtifacts, "POST", Cas + "/v1/reconstructions", "404") { Body = """[{"prefix":"default","hash":"{xet}"}]""" },
        new(AtArtifacts, "HEAD", Cas + "/v1/files/{hash}", "404"),
        new(AtArtifacts, "GET", Cas + "/segments/{rights}/{hash}/{start}/{range}", "403") { Target = Cas + "/segments/any/{xorb}/0/0-9", Query = "{signature}" },
        new(AtArtifacts, "POST", Cas + "/v1/xorbs/default/{hash}", "400") { Target = Cas + "/v1/xorbs/default/{xorb}", Type = "application/octet-stream", Body = "x" },
        new(AtArtifacts, "HEAD", Cas + "/v1/xorbs/default/{hash}", "404") { Target = Cas + "/v1/xorbs/default/{xorb}" },
        new(AtArtifacts, "POST", Cas + "/xorbs/default/{hash}", "400") { Target = Cas + "/xorbs/default/{xorb}", Type = "application/octet-stream", Body = "x" },
        new(AtArtifacts, "HEAD", Cas + "/xorbs/default/{hash}", "404") { Target = Cas + "/xorbs/default/{xorb}" },
        new(AtArtifacts, "POST", Cas + "/xorb/default/{hash}", "400") { Target = Cas + "/xorb/default/{xorb}", Type = "application/octet-stream", Body = "x" },
        new(AtArtifacts, "HEAD", Cas + "/xorb/default/{hash}", "404") { Target = Cas + "/xorb/default/{xorb}" },
        new(AtArtifacts, "POST", Cas + "/v2/shards", "400") { Type = "application/octet-stream", Body = "x" },
        new(AtArtifacts, "POST PUT", Cas + "/v1/shards", "400") { Type = "application/octet-stream", Body = "x" },
        new(AtArtifacts, "POST PUT", Cas + "/shards", "400") { Type = "application/octet-stream", Body = "x" },
        new(AtArtifacts, "POST PUT", Cas + "/shard/default/{hash}", "400") { Type = "application/octet-stream", Body = "x" },
        new(AtArtifacts, "GET", Cas + "/v1/chunks/{prefix}/{hash}", "404"),
        new(AtArtifacts, "GET", Cas + "/chunks/{prefix}/{hash}", "404"),
        new(AtArtifacts, "GET", Cas + "/chunk/{prefix}/{hash}", "404"),
        new(AtArtifacts, "*", Cas + "/{**rest}", "404"),

        // OAuth, for programs; a stranger shows what is another's.
        new(AtIdentity, "GET", "/.well-known/openid-configuration", "200"),
        new(AtIdentity, "GET", "/.well-known/oauth-authorization-server", "200"),
        new(AtIdentity, "GET", "/oauth/jwks", "200"),
        new(AtIdentity, "GET POST", "/oauth/authorize", "303") { Query = "?client_id={client}&response_type=code" },
        new(AtIdentity, "POST", "/oauth/token", "401") { Type = Form, Body = "grant_type=client_credentials&client_id={client}&client_secret={word}" },
        new(AtIdentity, "POST", "/oauth/token", "400") { Type = Form, Body = "grant_type=refresh_token&{ownClient}&refresh_token={secret}" },
        new(AtIdentity, "POST", "/oauth/token", "400")
        {
            Type = Form, Body = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token_type=urn:ietf:params:oauth:token-type:id_token&subject_token={job}&resource={ci}",
        },
        new(AtIdentity, "POST", "/oauth/device", "401") { Type = Form, Body = "client_id={client}" },
        new(AtIdentity, "POST", "/oauth/revoke", "200") { Type = Form, Body = "{ownClient}&token={secret}" },
        new(AtIdentity, "POST", "/oauth/introspect", "200") { Type = Form, Body = "{ownClient}&token={secret}" },
        new(AtIdentity, "GET POST", "/oauth/userinfo", "403"),

        // Identity's pages, in the browser of somebody of another tenant.
        new(AtIdentity, "GET", "/account/style.css", "200"),
        new(AtIdentity, "GET", "/account/sign-in", "303"),
        new(AtIdentity, "POST", "/account/sign-in", "401") { Type = Form, Body = "form={form}&name={account}&password={word}" },
        new(AtIdentity, "GET", "/account/second-factor", "303"),
        new(AtIdentity, "POST", "/account/second-factor", "303") { Type = Form, Body = "form={form}&code=123456" },
        new(AtIdentity, "GET", "/account/confirm", "200"),
        new(AtIdentity, "POST", "/account/confirm", "401") { Type = Form, Body = "form={form}&password={word}" },
        new(AtIdentity, "GET", "/account/invitation", "404") { Query = "?link={word}" },
        new(AtIdentity, "POST", "/account/invitation", "404") { Type = Form, Body = "form={form}&link={word}&name=x&password=plum+harbour+lantern" },
        new(AtIdentity, "GET", "/account/reset", "404") { Query = "?link={word}" },
        new(AtIdentity, "POST", "/account/reset", "404") { Type = Form, Body = "form={form}&link={word}&password=plum+harbour+lantern" },
        new(AtIdentity, "GET", "/account", "200"),
        new(AtIdentity, "GET", "/account/password", "200"),
        new(AtIdentity, "POST", "/account/password", "400") { Type = Form, Body = "form={form}&old={word}&password=plum+harbour+lantern+two" },
        new(AtIdentity, "GET", "/account/sessions", "200"),
        new(AtIdentity, "POST", "/account/sessions", "404") { Type = Form, Body = "form={form}&id={signedIn}" },
        new(AtIdentity, "GET", "/account/programs", "200"),
        new(AtIdentity, "POST", "/account/programs", "404") { Type = Form, Body = "form={form}&id={client}" },
        new(AtIdentity, "GET", "/account/tokens", "200"),
        new(AtIdentity, "POST", "/account/tokens", "400") { Type = Form, Body = "form={form}&name=x&account={account}" },
        new(AtIdentity, "POST", "/account/tokens/revoke", "404") { Type = Form, Body = "form={form}&id={token}" },
        new(AtIdentity, "GET", "/account/authenticator", "200"),
        new(AtIdentity, "POST", "/account/authenticator", "401") { Type = Form, Body = "form={form}&code=123456" },
        new(AtIdentity, "POST", "/account/authenticator/codes", "409") { Type = Form, Body = "form={form}" },
        new(AtIdentity, "POST", "/account/authenticator/remove", "303") { Type = Form, Body = "form={form}" },
        new(AtIdentity, "GET", "/account/authorize", "303")
        {
            Query = "?client_id={client}&response_type=code&redirect_uri=https://{word}.example/callback",
            Shown = "ids of clients are no secrets (RFC 6749, section 2.2): who names one with its own address is sent on to that (section 4.1.2.1)",
        },
        new(AtIdentity, "POST", "/account/authorize", "400") { Type = Form, Body = "form={form}&request={word}&answer=allow" },
        new(AtIdentity, "GET", "/account/device", "200") { Query = "?user_code={word}" },
        new(AtIdentity, "POST", "/account/device", "401") { Type = Form, Body = "form={form}&user_code={word}" },
        new(AtIdentity, "POST", "/account/device/answer", "401") { Type = Form, Body = "form={form}&user_code={word}&answer=allow" },
        new(AtIdentity, "GET", "/account/{**rest}", "404"),
        new(AtIdentity, "POST", "/account/sign-out", "403") { Type = Form, Body = "form={word}" },

        // The Gateway's own; all else it passes on.
        new(AtGateway, "GET", "/garden/v1/openapi.json", "200"),
        new(AtGateway, "*", "/garden/v1/{**rest}", "404"),
    ];

    /// <summary>What every service has for those who run it: answered inside alone, but that the Gateway is up.</summary>
    public static IReadOnlyList<string> OfOperators { get; } = ["/metrics", "/healthz", "/healthz/live"];

    /// <summary>What the Gateway hands on as it comes: tried with the routes of whoever answers it.</summary>
    public static IReadOnlyList<string> PassedOn { get; } =
    [
        "/garden/v1/files/{**rest}", "/garden/v1/xet/{**rest}", "/account/{**rest}", "/oauth/{**rest}", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/v1/{**rest}", "/kserve/{**rest}", "/{**rest}",
        "/modelgarden.v1.Identity/{**method}", "/modelgarden.v1.Entitlement/{**method}", "/modelgarden.v1.Catalog/{**method}", "/modelgarden.v1.Artifacts/{**method}", "/modelgarden.v1.Search/{**method}",
        "/modelgarden.v1.Deployment/{**method}",
    ];
}
