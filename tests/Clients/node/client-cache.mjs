// A repository taken as a whole into the hub client's cache, which is looked through; taken again after a change, when only what changed is fetched.
// HUB_URL, HUB_TOKEN, REPO (made here, a model), FOLDER (uploaded to it).
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import {
  createRepo, deleteFiles, downloadFileToCacheDir, listFiles, modelInfo, parseSafetensorsMetadata, scanCacheDir, snapshotDownload, uploadFile, uploadFilesWithProgress,
} from "@huggingface/hub";
import { filesBelow, hub, run, setting, sha256 } from "./flow.mjs";

const [repo, folder] = [setting("REPO"), setting("FOLDER")];
const at = { ...hub(), repo };
const cacheDir = await mkdtemp(join(tmpdir(), "garden-cache-"));
console.debug = () => {};

const fetched = new Set();
const watched = (url, init) => {
  const { pathname } = new URL(url);
  if (pathname.includes("/resolve/")) {
    fetched.add(decodeURIComponent(pathname.split("/").slice(5).join("/")));
  }

  return fetch(url, init);
};

async function snapshot(more = {}) {
  fetched.clear();
  const place = await snapshotDownload({ ...at, cacheDir, fetch: watched, ...more });
  return { commit: relative(join(cacheDir, `models--${repo.replace("/", "--")}`, "snapshots"), place), fetched: [...fetched].sort(), place };
}

const isSame = async (place, files) => {
  for (const { path, content } of files) {
    if (sha256(await readFile(join(place, path))) !== sha256(await readFile(content))) {
      return path;
    }
  }

  return "";
};

await run(async () => {
  await createRepo({ ...at, visibility: "private" });
  const files = await filesBelow(folder);
  const phases = new Set();
  for await (const event of uploadFilesWithProgress({ ...at, files: [...files, { path: "größe/a b.txt", content: new Blob(["x"]) }, { path: "empty.txt", content: new Blob([]) }] })) {
    phases.add(event.event === "phase" ? event.phase : event.event);
  }

  const first = await snapshot();
  const result = {
    phases: [...phases].sort(), differs: await isSame(first.place, files), first: first.fetched, isHead: first.commit === (await modelInfo({ ...hub(), name: repo, additionalFields: ["sha"] })).sha,
    odd: await readFile(join(first.place, "größe", "a b.txt"), "utf8"), empty: (await readFile(join(first.place, "empty.txt"))).length,
    again: (await snapshot()).fetched,
  };
  await uploadFile({ ...at, file: { path: "größe/a b.txt", content: new Blob(["y"]) } });
  await deleteFiles({ ...at, paths: ["empty.txt"] });
  const second = await snapshot();
  Object.assign(result, { changed: second.fetched, odd2: await readFile(join(second.place, "größe", "a b.txt"), "utf8"), pinned: (await snapshot({ revision: first.commit })).fetched });

  const { repos, warnings } = await scanCacheDir(cacheDir);
  Object.assign(result, {
    scanned: repos.map((one) => `${one.id.type} ${one.id.name}`), revisions: repos[0].revisions.map((one) => one.commitOid).sort().join() === [first.commit, second.commit].sort().join(),
    refs: repos[0].revisions.find((one) => one.commitOid === second.commit).refs, warnings: warnings.map((one) => one.message),
  });
  const raw = await downloadFileToCacheDir({ ...at, path: "model.safetensors", raw: true, cacheDir: join(cacheDir, "raw") });
  result.pointer = (await readFile(raw, "utf8")).split("\n").map((line) => line.split(" ")[0]).join(" ");
  const { parameterCount, header } = await parseSafetensorsMetadata({ ...at, path: "model.safetensors", computeParametersCount: true });
  Object.assign(result, { parameters: parameterCount, tensors: Object.keys(header).filter((name) => name !== "__metadata__").length });
  result.refused = await snapshot({ accessToken: undefined }).then(() => "given", (error) => error.statusCode);
  const listed = [];
  for await (const { path } of listFiles({ ...at, revision: second.commit, recursive: true })) {
    listed.push(path);
  }

  result.listed = listed.includes("größe/a b.txt") && !listed.includes("empty.txt");
  await rm(cacheDir, { recursive: true });
  return result;
});
