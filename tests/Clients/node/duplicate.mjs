// Repositories made out of one's own, and files given on from one to another, as Python asks for it: duplicate_space of old, duplicate_repo and copies between repositories of today.
// HUB_URL, HUB_TOKEN, VERSION (0.20.3 or 1.28.0), NAMESPACE, ACCOUNT (the caller's name), OTHER (token of somebody of another organisation) and OTHER_NAMESPACE (his).
import { randomBytes, randomUUID } from "node:crypto";
import { run, setting, sha256 } from "./flow.mjs";
import { batch, commitTo, form, hidden, isOld, json, lfsFile, refusal, send, small, verify } from "./python.mjs";

const [namespace, other] = [setting("NAMESPACE"), { as: setting("OTHER") }];
const open = isOld ? { private: false } : { visibility: "public" };
const card = "---\nlicense: bsd-3-clause\nsdk: static\n---\n# Größe\n";

/** What there is of a repository: whether it is private, its commits' titles, its files by their ids. */
async function describe(kind, name) {
  const [info, commits, tree] = await Promise.all(["", "/commits/main", "/tree/main?recursive=true"].map((path) => send("GET", `/api/${kind}s/${name}${path}`)));
  return { private: info.json.private, card: info.json.cardData?.license, titles: commits.json.map((one) => one.title), files: tree.json.map((one) => `${one.path} ${one.oid} ${one.lfs?.oid ?? ""}`).join("\n") };
}

const read = async (prefix, name, path) => sha256((await send("GET", (await send("GET", `/${prefix}${name}/resolve/main/${path}`)).header("location") ?? "/", { as: "" })).bytes);

async function fill(kind, prefix, name, bytes) {
  await json("POST", "/api/repos/create", { name: name.split("/")[1], organization: namespace, ...(kind === "model" ? {} : { type: kind }), ...(kind === "space" ? { sdk: "static" } : {}), ...hidden });
  const { actions } = (await batch(`${prefix}${name}`, bytes)).json.objects[0];
  await send("PUT", actions.upload.href, { body: bytes, as: "" });
  await verify(actions.verify.href, bytes);
  await commitTo(`/api/${kind}s/${name}`, [["header", { summary: "Upload it", description: "" }], small("README.md", card), small("sub/a b.txt", "grüße"), lfsFile("weights.bin", bytes)]);
}

async function walk(kind) {
  const [prefix, id, bytes] = [kind === "model" ? "" : `${kind}s/`, randomUUID(), randomBytes(1_500_000)];
  const name = `${namespace}/source-${id}`;
  await fill(kind, prefix, name, bytes);
  const space = kind === "space" ? { hardware: "cpu-basic", variables: [{ key: "a", value: "b" }] } : {};
  const duplicate = (to, more = {}, as = {}) => json("POST", `/api/${kind}s/${name}/duplicate`, { repository: to, ...more, ...space }, as);
  const short = (text) => text?.replaceAll(id, "…");
  const told = ({ status, json: made }) => `${status} ${short(made.url)}`;
  const answers = {
    // Told no namespace, clients write the account's.
    made: told(await duplicate(`${setting("ACCOUNT")}/copy-${id}`)), again: told(await duplicate(`${namespace}/copy-${id}`)), shown: told(await duplicate(`${namespace}/shown-${id}`, open)),
    itself: told(await duplicate(name)), elsewhere: short(refusal(await duplicate(`${setting("OTHER_NAMESPACE")}/copy-${id}`))),
    stranger: short(refusal(await duplicate(`${setting("OTHER_NAMESPACE")}/copy-${id}`, {}, other))), anonymous: short(refusal(await duplicate(`${namespace}/more-${id}`, {}, { as: "" }))),
    protected: isOld ? "400" : refusal(await duplicate(`${namespace}/more-${id}`, { visibility: "protected" })).slice(0, 3),
  };
  const [source, copy, shown] = await Promise.all([name, `${namespace}/copy-${id}`, `${namespace}/shown-${id}`].map((one) => describe(kind, one)));
  const batched = await batch(`${prefix}${namespace}/copy-${id}`, bytes);
  await json("DELETE", "/api/repos/delete", { name: name.split("/")[1], organization: namespace, type: kind });
  return {
    ...answers, titles: copy.titles.map(short), license: copy.card, visibilities: [source.private, copy.private, shown.private], same: source.files === copy.files && copy.files === shown.files,
    stored: batched.json.objects[0].actions === undefined, read: await read(prefix, `${namespace}/copy-${id}`, "weights.bin") === sha256(bytes), gone: refusal(await send("GET", `/api/${kind}s/${name}`)).slice(0, 16),
  };
}

/** Files of one repository committed to another, large ones without their bytes. */
async function copyFiles() {
  const [id, bytes] = [randomUUID(), randomBytes(1_500_000)];
  const [source, target, api] = [`${namespace}/from-${id}`, `${namespace}/to-${id}`, `/api/models/${namespace}/to-${id}`];
  await fill("model", "", source, bytes);
  await json("POST", "/api/repos/create", { name: `to-${id}`, organization: namespace, ...hidden });
  const there = await form(`${api}/paths-info/main`, [["paths", "w.bin"], ["paths", "a.txt"], ["expand", "false"]]);
  const found = (await form(`/api/models/${source}/paths-info/main`, [["paths", "weights.bin"], ["paths", "sub/a b.txt"], ["expand", "false"]])).json;
  const [{ xetHash, lfs }, text] = [found.find((one) => one.lfs), (await send("GET", `/${source}/resolve/main/sub/a%20b.txt`)).text];
  const give = (to, sha, more) => json("POST", `/api/models/${source}/lfs-files/duplicate`, { target: { type: "model", name: to }, files: [{ xetHash, sha256: sha, filename: "weights.bin" }] }, more);
  const given = await give(target, lfs.oid);
  const committed = await commitTo(api, [["header", { summary: "Copy them", description: "" }], ["lfsFile", { path: "w.bin", algo: "sha256", oid: lfs.oid }], small("a.txt", text)]);
  return {
    there: there.json.length, hash: /^[0-9a-f]{64}$/.test(xetHash), given: `${given.status} ${JSON.stringify(given.json.failed)}`, committed: committed.status,
    read: await read("", target, "w.bin") === sha256(bytes), text: (await send("GET", `/${target}/resolve/main/a.txt`)).text,
    unknown: (await give(target, "0".repeat(64))).json.failed.map((one) => `${one.sha256.length} ${one.error}`.replaceAll(id, "…")),
    stranger: refusal(await give(`${setting("OTHER_NAMESPACE")}/to-${id}`, lfs.oid, other)).slice(0, 16), elsewhere: refusal(await give(`${setting("OTHER_NAMESPACE")}/to-${id}`, lfs.oid)).slice(0, 3),
  };
}

await run(async () => {
  const result = {};
  for (const kind of isOld ? ["space"] : ["model", "dataset", "space"]) {
    result[kind] = await walk(kind);
  }

  return { ...result, ...(isOld ? {} : { files: await copyFiles() }) };
});
