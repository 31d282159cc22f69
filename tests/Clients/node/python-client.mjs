// What Python's huggingface_hub sends of every call, from making a repository to deleting it.
// HUB_URL, HUB_TOKEN, NAMESPACE, NAME (a repository that is made and deleted here), VERSION (0.20.3 or 1.28.0).
import { run, setting, sha256 } from "./flow.mjs";
import { announced, batch, blobId, commitTo, flag, form, hidden, isOld, json, lfsFile, refusal, send, small, url, verify } from "./python.mjs";

const [organization, name] = [setting("NAMESPACE"), setting("NAME")];
const [repo, api] = [`${organization}/${name}`, `/api/models/${organization}/${name}`];
const commit = (values, revision, query) => commitTo(api, values, revision, query);

const card = "---\nlicense: apache-2.0\n---\n# Größe\n";
const weights = Buffer.alloc(3_000_000, name);
const large = "weights/größe 1.bin";

async function create() {
  const wanted = { name, organization, ...hidden };
  const [made, again] = [await json("POST", "/api/repos/create", wanted), await json("POST", "/api/repos/create", wanted)];
  return { made: `${made.status} ${made.json.url}`, again: `${again.status} ${again.json.url}` };
}

async function upload() {
  const files = [announced("README.md", Buffer.from(card)), announced(large, weights), announced("empty.txt", Buffer.alloc(0)), announced("sub/dir/notes.tmp", Buffer.from("x"))];
  const modes = await json("POST", `${api}/preupload/main`, { files, ...(isOld ? {} : { gitIgnore: "*.tmp\n" }) });
  const good = await json("POST", "/api/validate-yaml", { content: card, repoType: "model" });
  const bad = await json("POST", "/api/validate-yaml", { content: "---\nlicense: [\n---\n", repoType: "model" });
  const { json: { transfer, objects: [object] } } = await batch(repo, weights);
  const { upload: { href }, verify: { href: verifyHref } } = object.actions;
  const put = await fetch(href, { method: "PUT", body: weights });
  const verified = await verify(verifyHref, weights);
  const committed = await commit([
    ["header", { summary: "Upload it", description: "By hand" }], small("README.md", card), small("empty.txt", ""), small("sub/dir/a b.txt", "grüße"),
    lfsFile(large, weights),
  ]);
  const there = await json("POST", `${api}/preupload/main`, { files });
  return {
    modes: modes.json.files.map((file) => `${file.path} ${file.uploadMode} ${file.shouldIgnore}`), validated: `${good.status} ${good.json.errors.length} ${bad.status} ${bad.json.errors.length > 0}`,
    batch: `${transfer} ${put.status} ${verified.status} ${(await batch(repo, weights)).json.objects[0].actions === undefined}`,
    committed: committed.status, commitUrl: committed.json.commitUrl === `${url}/${repo}/commit/${committed.json.commitOid}`, commit: committed.json.commitOid,
    unchanged: there.json.files.map((file) => file.oid === { "README.md": blobId(Buffer.from(card)), [large]: sha256(weights), "empty.txt": blobId(Buffer.alloc(0)) }[file.path]),
  };
}

async function read(sha) {
  const info = await send("GET", `${api}/revision/main?blobs=${flag(true)}&securityStatus=${flag(false)}`);
  const expanded = await send("GET", `${api}?expand=sha&expand=xetEnabled&expand=siblings&expand=private`);
  const tree = await send("GET", `${api}/tree/main?recursive=${flag(true)}&expand=${flag(false)}`);
  const below = await send("GET", `${api}/tree/${sha}/sub%2Fdir?recursive=${flag(false)}&expand=${flag(true)}`);
  const missing = await send("GET", `${api}/tree/main/additional_chat_templates?recursive=${flag(false)}&expand=${flag(false)}`);
  const paths = await form(`${api}/paths-info/main`, [["paths", large], ["paths", "sub"], ["paths", "missing"], ["expand", flag(true)]]);
  const commits = await send("GET", `${api}/commits/main?expand%5B%5D=formatted`);
  const file = info.json.siblings.find((one) => one.rfilename === large);
  return {
    info: info.json.sha === sha && info.json.private, blobs: `${file.size} ${file.lfs.sha256 === sha256(weights)} ${file.lfs.pointerSize} ${file.blobId.length}`,
    expanded: Object.keys(expanded.json).sort(), tree: tree.json.map((one) => `${one.type} ${one.path} ${one.size}`), below: below.json.map((one) => `${one.path} ${one.lastCommit.title}`),
    missing: refusal(missing), paths: paths.json.map((one) => one.path), commits: commits.json.map((one) => `${one.formatted.title} by ${one.authors[0].user}`),
  };
}

async function download(sha) {
  const at = (path) => `/${repo}/resolve/main/${path.split("/").map(encodeURIComponent).join("/")}`;
  const head = (path, more) => send("HEAD", at(path), { headers: { "accept-encoding": "identity" }, ...more });
  const [regular, lfs, empty] = [await head("sub/dir/a b.txt"), await head(large), await head("empty.txt")];
  // The address is complete: clients of old drop the token, new ones keep it for the same host.
  const location = lfs.header("location");
  const whole = await send("GET", location, isOld ? { as: "" } : {});
  const part = await send("GET", location, { as: "", headers: { range: "bytes=2999990-" } });
  const tail = await send("GET", at("sub/dir/a b.txt"), { headers: { range: "bytes=-3" } });
  const past = await send("GET", at("sub/dir/a b.txt"), { headers: { range: "bytes=100-200" } });
  const [pastLarge, gone] = [await send("GET", location, { as: "", headers: { range: "bytes=3000000-" } }), await head("missing.txt")];
  return {
    regular: `${regular.status} ${regular.header("x-repo-commit") === sha} ${regular.header("etag") === `"${blobId(Buffer.from("grüße"))}"`} ${regular.header("content-length")}`,
    lfs: `${lfs.status} ${lfs.header("x-repo-commit") === sha} ${lfs.header("x-linked-etag") === `"${sha256(weights)}"`} ${lfs.header("x-linked-size")} ${location.startsWith(url)}`,
    empty: `${empty.status} ${empty.header("content-length")}`, whole: `${whole.status} ${sha256(whole.bytes) === sha256(weights)}`,
    part: `${part.status} ${part.header("content-range")} ${part.bytes.length}`, tail: `${tail.status} ${tail.header("content-range")} ${tail.text}`,
    past: `${past.status} ${past.header("content-range")} ${pastLarge.status} ${pastLarge.header("content-range")}`, gone: `${refusal(gone)} ${gone.header("x-repo-commit") === sha}`,
  };
}

async function refs(sha) {
  const branch = [await json("POST", `${api}/branch/feat%2Fx`, { startingPoint: sha }), await json("POST", `${api}/branch/feat%2Fx`, {})];
  const tag = [await json("POST", `${api}/tag/feat%2Fx`, { tag: "v1.0", message: "First" }), await json("POST", `${api}/tag/main`, { tag: "v1.0" }), await json("POST", `${api}/tag/nothing`, { tag: "v2" })];
  const listed = await send("GET", `${api}/refs${isOld ? "" : "?include_prs=1"}`);
  const onBranch = await commit([["header", { summary: "s" }], small("only-here.txt", "x")], "feat%2Fx");
  const seen = [await send("GET", `${api}/revision/feat%2Fx`), await send("GET", `${api}/revision/v1.0`), await send("GET", `${api}/revision/${sha.slice(0, 8)}`), await send("GET", `${api}/revision/HEAD`)];
  const deleted = [await send("DELETE", `${api}/branch/feat%2Fx`), await send("DELETE", `${api}/tag/v1.0`), await send("GET", `${api}/revision/v1.0`)];
  return {
    branch: branch.map((one) => one.status), tag: tag.map(refusal).map((text) => text.split(" ").slice(0, 2).join(" ")), deleted: deleted.map((one) => one.status),
    listed: [...listed.json.branches, ...listed.json.tags].map((one) => `${one.ref} ${one.targetCommit === sha}`), kinds: Object.keys(listed.json).sort(),
    seen: seen.map((one) => one.json.sha === onBranch.json.commitOid || one.json.sha === sha),
  };
}

async function refuse(sha) {
  const refused = {
    stale: await commit([["header", { summary: "s", parentCommit: "0".repeat(40) }], small("x.txt", "x")]),
    absent: await commit([["header", { summary: "s" }], ["deletedFile", { path: "absent.txt" }]]),
    unknown: await commit([["header", { summary: "s" }], ["lfsFile", { path: "y.bin", algo: "sha256", oid: "0".repeat(64), size: 3 }]]),
    repository: await send("GET", "/api/models/nobody/nothing"), anonymous: await send("GET", api, { as: "" }), wrong: await send("GET", api, { as: "hf_wrong" }),
    revision: await send("HEAD", `/${repo}/resolve/nothing/README.md`), blocked: await send("GET", `/${repo}/resolve/main/README.md`, { as: "" }),
  };
  const copied = await commit([["header", { summary: "Copy", parentCommit: sha }], ["lfsFile", { path: "copy/of.bin", algo: "sha256", oid: sha256(weights) }], ["deletedFolder", { path: "sub/" }]]);
  const tree = await send("GET", `${api}/tree/main?recursive=${flag(true)}`);
  return { refused: Object.fromEntries(Object.entries(refused).map(([key, one]) => [key, refusal(one)])), copied: copied.status, left: tree.json.map((one) => `${one.path} ${one.size}`) };
}

/** People and organisations, and the tags there are. */
async function about(me) {
  const [user, nobody, unsigned] = [await send("GET", `/api/users/${me}/overview`), await send("GET", "/api/users/nobody-at-all/overview"), await send("GET", `/api/users/${me}/overview`, { as: "" })];
  const [org, nowhere, members] = [await send("GET", `/api/organizations/${organization}/overview`), await send("GET", "/api/organizations/nowhere-at-all/overview"), await send("GET", `/api/organizations/${organization}/members`)];
  const followers = [await send("GET", `/api/users/${me}/followers`), await send("GET", `/api/users/${me}/following`), await send("GET", `/api/organizations/${organization}/followers`)];
  // Lists follow what is told of repositories a moment later: asked until they have.
  let models;
  do {
    models = (await send("GET", "/api/models-tags-by-type")).json;
  } while (!models.license.some((tag) => tag.label === "apache-2.0"));
  const numbers = ["numModels", "numDatasets", "numSpaces", "numFollowers"].map((key) => typeof org.json[key]);
  return {
    user: `${user.json.user} ${user.json.fullname} ${user.json.type} ${user.json.isPro} ${user.json.orgs.map((one) => one.name)}`, unknown: [nobody, unsigned, nowhere].map((one) => one.status),
    org: `${org.json.name} ${org.json.fullname} ${org.json.type} ${org.json.numUsers === members.json.length} ${[...new Set(numbers)]}`, member: members.json.find((one) => one.user === me)?.fullname,
    followers: followers.map((one) => one.json), tag: models.license.find((tag) => tag.label === "apache-2.0"), types: [Object.keys(models).sort(), Object.keys((await send("GET", "/api/datasets-tags-by-type")).json).sort()],
  };
}

async function discuss() {
  const pull = async (path, text) => {
    const { json: made } = await commit([["header", { summary: `Change ${path}` }], small(path, text)], "main", "?create_pr=1");
    return { number: made.pullRequestUrl.split("/").at(-1), address: made.pullRequestUrl.startsWith(`${url}/${repo}/discussions/`) };
  };
  const [first, second] = [await pull("shared.txt", "one"), await pull("shared.txt", "two")];
  const opened = await json("POST", `${api}/discussions`, { title: "Why?", description: "Because", pullRequest: false });
  const at = `${api}/discussions/${opened.json.num}`;
  const comment = await json("POST", `${at}/comment`, { comment: "a *word*" });
  const edited = await json("POST", `${at}/comment/${comment.json.newMessage.id}/edit`, { content: "another" });
  const hidden = await json("POST", `${at}/comment/${comment.json.newMessage.id}/hide`, {});
  const titled = await json("POST", `${at}/title`, { title: "Why not?" });
  const closed = await json("POST", `${at}/status`, { status: "closed", comment: "done" });
  const merged = await json("POST", `${api}/discussions/${first.number}/merge`, { comment: "good" });
  const conflict = await json("POST", `${api}/discussions/${second.number}/merge`, {});
  const shown = await send("GET", `${api}/discussions/${second.number}?diff=1`);
  const all = await send("GET", `${api}/discussions?p=0&type=all&status=all`);
  const events = (await send("GET", at)).json.events;
  return {
    addresses: first.address && second.address, comment: `${comment.json.newMessage.data.latest.raw} ${edited.json.updatedComment.data.latest.raw} ${hidden.json.updatedComment.data.hidden}`,
    changed: `${titled.json.newTitle?.data?.to ?? titled.json.newTitle} ${closed.status}`, merged: merged.status, conflict: refusal(conflict), conflicts: shown.json.filesWithConflicts,
    list: all.json.discussions.map((one) => `${one.num} ${one.isPullRequest} ${one.status} ${one.title}`), count: all.json.count, events: events.map((one) => one.type),
    text: (await send("GET", `/${repo}/resolve/main/shared.txt`)).text, ref: (await send("GET", `/${repo}/resolve/refs%2Fpr%2F${second.number}/shared.txt`)).text,
  };
}

async function end() {
  const settings = await json("PUT", `${api}/settings`, hidden);
  const checks = [await send("GET", `${api}/auth-check`), await send("GET", `${api}/auth-check/write`), await send("GET", `${api}/auth-check`, { as: "" })];
  const listed = await send("GET", `/api/models?author=${organization}&search=${name}&full=${flag(true)}&cardData=${flag(true)}&sort=lastModified&limit=1${isOld ? "&direction=-1" : ""}`);
  const deleted = await json("DELETE", "/api/repos/delete", { name, organization, type: "model" });
  return { settings: settings.status, checks: checks.map((one) => one.status), listed: listed.status, deleted: deleted.status, gone: refusal(await send("GET", api)) };
}

await run(async () => {
  const me = await send("GET", "/api/whoami-v2");
  const created = await create();
  const uploaded = await upload();
  const sha = uploaded.commit;
  return {
    name: me.json.name, harnesses: (await send("GET", "/api/agent-harnesses", { as: "" })).status, telemetry: (await send("HEAD", "/api/telemetry/cli", { as: "" })).status,
    created, uploaded, read: await read(sha), downloaded: await download(sha), refs: await refs(sha), refused: await refuse(sha), discussed: await discuss(), about: await about(me.json.name), ended: await end(),
  };
});
