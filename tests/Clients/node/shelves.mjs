// Data sets and apps, as models are: made, filled, found, described, read and deleted, and taken into the cache.
// HUB_URL, HUB_TOKEN, NAMESPACE.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkRepoAccess, createRepo, datasetInfo, deleteRepo, downloadFile, fileDownloadInfo, listDatasets, listFiles, listSpaces, repoExists, snapshotDownload, spaceInfo, uploadFile } from "@huggingface/hub";
import { hub, run, setting } from "./flow.mjs";

const namespace = setting("NAMESPACE");
console.debug = () => {};
// Lists follow what is told of repositories a moment later: asked until they have.
const found = async (list, name) => {
  for (;;) {
    for await (const one of list({ ...hub(), search: { owner: namespace }, additionalFields: ["tags"] })) {
      if (one.name === name) {
        return one;
      }
    }
  }
};

async function walk(type, list, info, more) {
  const [name, cacheDir] = [`${namespace}/${type}-${crypto.randomUUID()}`, await mkdtemp(join(tmpdir(), "garden-shelves-"))];
  const at = { ...hub(), repo: { type, name } };
  const made = await createRepo({ ...at, visibility: "private", ...more });
  const card = `---\nlicense: apache-2.0\n${type === "space" ? "sdk: static\n" : "task_categories: [text-classification]\n"}---\n# ${type}\n`;
  await uploadFile({ ...at, file: { path: "README.md", content: new Blob([card]) } });
  await uploadFile({ ...at, file: { path: "data/größe 1.bin", content: new Blob([new Uint8Array(2_000_000).map((_, i) => (i * 7 + type.length) % 251)]) } });
  const files = [];
  for await (const file of listFiles({ ...at, recursive: true })) {
    files.push(file.path);
  }

  const described = await info({ ...hub(), name, additionalFields: ["sha", "tags", "cardData"] });
  const place = await snapshotDownload({ ...at, cacheDir });
  const result = {
    url: made.repoUrl.replace(name, "…"), files, name: described.name === name, private: described.private, sdk: described.sdk, license: described.cardData.license, tags: (await found(list, name)).tags.sort(),
    card: (await (await downloadFile({ ...at, path: "README.md" })).text()) === card, large: (await fileDownloadInfo({ ...at, path: encodeURI("data/größe 1.bin") })).size, cached: (await readFile(join(place, "data", "größe 1.bin"))).length,
    access: await checkRepoAccess(at).then(() => "granted"), anonymous: await checkRepoAccess({ ...at, accessToken: undefined }).then(() => "granted", (error) => error.statusCode),
    asModel: await repoExists({ ...hub(), repo: { type: "model", name } }),
  };
  await deleteRepo(at);
  await rm(cacheDir, { recursive: true });
  return { ...result, gone: await repoExists(at) };
}

await run(async () => ({ dataset: await walk("dataset", listDatasets, datasetInfo, {}), space: await walk("space", listSpaces, spaceInfo, { sdk: "static" }) }));
