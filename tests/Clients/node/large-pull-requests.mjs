// Large files in pull requests, by each way of sending them: opened, read from refs/pr/N, gone on with, merged, read from main. What the hub's client has no function for is
// sent as the Python one sends it. HUB_URL, HUB_TOKEN, REPO (made here), SIZE (of each file, in bytes).
import { randomBytes } from "node:crypto";
import { commit, createRepo, downloadFile, listFiles, uploadFile, uploadFiles } from "@huggingface/hub";
import { hub, run, setting, sha256 } from "./flow.mjs";

const [repo, size] = [setting("REPO"), Number(setting("SIZE"))];
const at = { ...hub(), repo };
const api = async (path, method = "GET", body = undefined) => {
  const headers = { authorization: `Bearer ${setting("HUB_TOKEN")}`, ...(body ? { "content-type": "application/json" } : {}) };
  const answer = await fetch(`${setting("HUB_URL")}/api/models/${repo}/${path}`, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
};
/** Whether a revision has these bytes there, read the plain way and through Xet; null: it has no such file. */
const has = async (path, revision, bytes) => {
  const reads = await Promise.all([false, true].map((xet) => downloadFile({ ...at, path, revision, xet })));
  return reads.includes(null) ? null : (await Promise.all(reads.map(async (blob) => sha256(await blob.arrayBuffer()) === sha256(bytes)))).every((same) => same);
};

async function pull(open, useXet) {
  const [path, later, first, second] = [`weights/${useXet ? "xet" : "lfs"}.bin`, `weights/${useXet ? "xet" : "lfs"}-2.bin`, randomBytes(size), randomBytes(size)];
  const puts = [];
  const watched = (url, init = {}) => {
    puts.push(...(init.method === "PUT" ? ["put"] : init.method === "POST" && String(url).includes("/xorbs/") ? ["xorb"] : []));
    return fetch(url, init);
  };
  const opened = await open({ ...at, useXet, fetch: watched, isPullRequest: true }, path, new Blob([first]));
  const number = opened.pullRequestUrl.split("/").at(-1);
  const revision = `refs/pr/${number}`;
  const before = [await has(path, revision, first), await has(path, "main", first)];
  const more = await uploadFile({ ...at, branch: revision, useXet, fetch: watched, file: { path: later, content: new Blob([second]) } });
  const listed = [];
  for await (const file of listFiles({ ...at, revision, path: "weights" })) {
    listed.push(`${file.path} ${file.size} ${file.lfs?.oid === sha256(file.path === path ? first : second)}`);
  }

  const refs = (await api("refs?include_prs=1")).body.pullRequests.find((one) => one.name === number);
  const merged = await api(`discussions/${number}/merge`, "POST", { comment: "good" });
  return {
    url: opened.pullRequestUrl === `${setting("HUB_URL")}/${repo}/discussions/${number}`, sent: [...new Set(puts)], before, listed: listed.filter((line) => line.startsWith(path.replace(".bin", ""))),
    ref: `${refs.ref} ${refs.targetCommit === more.commit.oid} ${more.commit.oid !== opened.commit.oid}`, merged: merged.status, status: (await api(`discussions/${number}`)).body.status,
    after: [await has(path, "main", first), await has(later, "main", second), await has(later, revision, second)],
  };
}

await run(async () => {
  await createRepo({ ...at, visibility: "private" });
  return {
    xet: await pull((more, path, content) => commit({ ...more, title: "Weights", operations: [{ operation: "addOrUpdate", path, content }] }), true),
    lfs: await pull((more, path, content) => uploadFiles({ ...more, files: [{ path, content }] }), false),
  };
});
