// A job of a CI with nothing but its issuer's token: swapped for one of the garden's, as Python's client asks for it and as openid-client does, and used by the hub's client. The
// issuer is a server of the flow's own. HUB_URL, HUB_TOKEN (a person's, who made both repositories), PORT (of the issuer), SUBJECT (that is trusted), REPO (that it is for), OTHER_REPO.
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { commit, createRepo, downloadFile, modelInfo, uploadFile, whoAmI } from "@huggingface/hub";
import * as client from "openid-client";
import { hub, run, setting, sha256 } from "./flow.mjs";

const [garden, issuer, repo, other] = [setting("HUB_URL"), `http://127.0.0.1:${setting("PORT")}`, setting("REPO"), setting("OTHER_REPO")];
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const [own, forged] = [generateKeyPairSync("ec", { namedCurve: "P-256" }), generateKeyPairSync("ec", { namedCurve: "P-256" })];
const pages = {
  "/.well-known/openid-configuration": { issuer, jwks_uri: `${issuer}/keys` },
  "/keys": { keys: [{ ...own.publicKey.export({ format: "jwk" }), kid: "k1", use: "sig" }] },
};
const server = createServer((request, response) => response.end(JSON.stringify(pages[request.url] ?? {})));

function jobToken(claims = {}, key = own.privateKey) {
  const now = Math.floor(Date.now() / 1000);
  const parts = [{ alg: "ES256", typ: "JWT", kid: "k1" }, { iss: issuer, aud: garden, sub: setting("SUBJECT"), iat: now, exp: now + 300, ...claims }];
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signed}.${sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

const wish = (token, resource) => ({ subject_token_type: "urn:ietf:params:oauth:token-type:id_token", subject_token: token, resource });

/** As Python's client has it. */
async function swap(token, resource = repo) {
  const answer = await fetch(`${garden}/oauth/token`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ grant_type: EXCHANGE, ...wish(token, resource) }) });
  const told = await answer.json();
  return told.access_token ?? `${answer.status} ${told.error} ${told.error_description}`;
}

async function openId() {
  const config = await client.discovery(new URL(garden), "ci", undefined, client.None(), { execute: [client.allowInsecureRequests] });
  const tokens = await client.genericGrantRequest(config, EXCHANGE, wish(jobToken(), `${garden}/${repo}`));
  return { token: tokens.access_token.slice(0, 10), type: tokens.token_type, seconds: tokens.expires_in, scope: tokens.scope };
}

const told = (promise) => promise.then(() => "done", ({ message, statusCode }) => `${statusCode} ${message}`);

async function work(at) {
  const [first, second] = [randomBytes(1_500_000), randomBytes(1_500_000)];
  const put = (path, bytes, more) => uploadFile({ ...at, repo, file: { path, content: new Blob([bytes]) }, ...more });
  const same = async (path, bytes, revision) => sha256(await (await downloadFile({ ...at, repo, path, revision })).arrayBuffer()) === sha256(bytes);
  await put("xet.bin", first);
  await put("lfs.bin", second, { useXet: false });
  const pulled = await commit({ ...at, repo, title: "By a job", isPullRequest: true, operations: [{ operation: "addOrUpdate", path: "copy.bin", content: new Blob([first]) }] });
  return {
    uploaded: [await same("xet.bin", first), await same("lfs.bin", second), await same("copy.bin", first, `refs/pr/${pulled.pullRequestUrl.split("/").at(-1)}`)],
    elsewhere: await told(uploadFile({ ...at, repo: other, file: { path: "a.txt", content: new Blob(["a"]) } })), read: await told(modelInfo({ ...at, name: other })), made: await told(createRepo({ ...at, repo: `${repo}-2` })),
  };
}

await run(async () => {
  server.listen(Number(setting("PORT")), "127.0.0.1");
  await once(server, "listening");
  try {
    const persons = hub();
    await createRepo({ ...persons, repo, visibility: "private" });
    await createRepo({ ...persons, repo: other, visibility: "private" });
    const at = { hubUrl: garden, accessToken: await swap(jobToken()) };
    const me = await whoAmI(at);
    return {
      ...(await work(at)), name: me.name, openId: await openId(),
      refused: {
        branch: await swap(jobToken({ sub: `${setting("SUBJECT")}-else` })), audience: await swap(jobToken({ aud: "https://other.example" })), expired: await swap(jobToken({ iat: 1, exp: 2 })),
        forged: await swap(jobToken({}, forged.privateKey)), resource: await swap(jobToken(), other), person: await swap(jobToken(), "ann"),
      },
    };
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
