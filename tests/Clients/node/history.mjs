// A repository's history: compared, squashed, and moved to another name. What the hub's client has no function for is sent as the Python one sends it.
// HUB_URL, HUB_TOKEN, REPO and MOVED (its second name).
import { countCommits, createRepo, deleteRepo, downloadFile, fileDownloadInfo, listCommits, listFiles, modelInfo, repoExists, uploadFile } from "@huggingface/hub";
import { hub, run, setting } from "./flow.mjs";

const [repo, moved] = [setting("REPO"), setting("MOVED")];
const at = { ...hub(), repo };
const big = new Uint8Array(300_000).map((_, i) => (i * 17) % 251);
const put = async (path, content) => (await uploadFile({ ...at, file: { path, content: new Blob([content]) } })).commit.oid;
const textOf = async (path, revision, name = repo) => (await (await downloadFile({ ...at, repo: name, path, revision }))?.text()) ?? null;
const ask = (path, init = {}) => fetch(`${setting("HUB_URL")}${path}`, { redirect: "manual", ...init, headers: { authorization: `Bearer ${setting("HUB_TOKEN")}`, ...init.headers } });
const post = (path, body) => ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
const collect = async (iterator) => {
  const items = [];
  for await (const item of iterator) {
    items.push(item);
  }
  return items;
};

await run(async () => {
  await createRepo({ ...at, visibility: "private" });
  const first = await put("notes.txt", "one");
  await put("weights.bin", big);
  const third = await put("notes.txt", "two");
  const raw = await (await ask(`/api/models/${repo}/compare/${first}...${third}?raw=true`)).text();
  const listed = await (await ask(`/api/models/${repo}/compare/${third}?json=true`)).json();
  const lines = await (await ask(`/api/models/${repo}/compare/${third}`)).text();
  const large = await (await ask(`/api/models/${repo}/lfs-files`)).json();

  const squash = await post(`/api/models/${repo}/super-squash/main`, { message: "all in one" });
  const { commitId } = await squash.json();
  const commits = await collect(listCommits(at));

  const move = await post("/api/repos/move", { fromRepo: repo, toRepo: moved, type: "model" });
  const sent = await ask(`/${repo}/resolve/main/notes.txt?download=true`, { method: "HEAD" });
  const result = {
    raw: raw.trimEnd().split("\n").map((line) => line.replaceAll(/[0-9a-f]{40}/g, "id")),
    lines: lines.split("\n").filter((line) => /^[-+][^-+]/.test(line)),
    large: large.map((file) => `${file.filename} ${file.size} ${file.ref}`),
    listed: listed.map((change) => `${change.status} ${change.path}`),
    squash: squash.status, commitId, commits: commits.map((one) => `${one.oid} ${one.title}`), old: await textOf("notes.txt", first),
    move: move.status, sent: `${sent.status} ${sent.headers.get("location")}`,
    count: await countCommits(at),
    name: (await modelInfo({ ...hub(), name: repo })).name,
    files: (await collect(listFiles({ ...at, recursive: true }))).map((file) => file.path),
    text: await textOf("notes.txt"),
    size: (await fileDownloadInfo({ ...at, path: "weights.bin" })).size,
    bytes: (await (await downloadFile({ ...at, path: "weights.bin" })).arrayBuffer()).byteLength,
  };
  // Written to under the name that it had.
  await put("later.txt", "three");
  result.later = await textOf("later.txt", undefined, moved);
  result.deletedByOldName = await deleteRepo(at).then(() => "deleted", (error) => error.statusCode);
  await createRepo({ ...at, visibility: "private" });
  result.taken = (await modelInfo({ ...hub(), name: repo })).name;
  await deleteRepo(at);
  result.afterwards = [await repoExists(at), await repoExists({ ...at, repo: moved })];
  return result;
});
