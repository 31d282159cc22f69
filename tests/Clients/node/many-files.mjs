// A repository of ten thousand files, made by one commit: listed to its end and by pages, described, and read from its last page. HUB_URL, HUB_TOKEN, REPO (made here), FILES (10000).
import { createRepo, downloadFile, listFiles, modelInfo, pathsInfo } from "@huggingface/hub";
import { hub, run, setting } from "./flow.mjs";

const at = { ...hub(), repo: setting("REPO") };
const [api, count] = [`${setting("HUB_URL")}/api/models/${setting("REPO")}`, Number(setting("FILES", "10000"))];
const headers = { authorization: `Bearer ${setting("HUB_TOKEN")}` };
const pathOf = (i) => `data/part-${String(i % 10).padStart(2, "0")}/file ${String(i).padStart(5, "0")}.txt`;
const collect = async (iterator) => {
  const items = [];
  for await (const item of iterator) {
    items.push(item);
  }
  return items;
};

async function page(address) {
  const answer = await fetch(address, { headers });
  const link = answer.headers.get("link");
  return { entries: await answer.json(), next: link ? link.slice(1, link.indexOf(">")) : null };
}

await run(async () => {
  await createRepo({ ...at, visibility: "private" });
  const lines = [{ key: "header", value: { summary: `Add ${count} files` } }];
  for (let i = 0; i < count; i++) {
    lines.push({ key: "file", value: { path: pathOf(i), content: Buffer.from(`${i}`).toString("base64"), encoding: "base64" } });
  }

  const committed = await fetch(`${api}/commit/main`, { method: "POST", headers: { ...headers, "content-type": "application/x-ndjson" }, body: lines.map((line) => JSON.stringify(line)).join("\n") });
  const all = await collect(listFiles({ ...at, recursive: true }));
  const first = await page(`${api}/tree/main?recursive=true&expand=false`);
  const second = await page(first.next);
  const few = await page(`${api}/tree/main/data?recursive=true&limit=7`);
  const dated = await page(`${api}/tree/main/data%2Fpart-03?expand=true&limit=20`);
  const folder = await collect(listFiles({ ...at, path: "data/part-03" }));
  const { filePaths } = await modelInfo({ ...hub(), name: setting("REPO"), additionalFields: ["filePaths"] });
  const asked = Array.from({ length: 1000 }, (_, i) => pathOf(i * (count / 1000)));
  const described = await pathsInfo({ ...at, paths: asked });
  const last = all.at(-1).path;
  return {
    committed: committed.status, files: all.filter((entry) => entry.type === "file").length, different: new Set(all.map((entry) => entry.path)).size === all.length, folders: all.filter((entry) => entry.type === "directory").length,
    first: first.entries.length, overlaps: second.entries.some((entry) => entry.path === first.entries.at(-1).path), few: few.entries.length, goesOn: few.next.startsWith(api),
    dated: dated.entries.every((entry) => entry.lastCommit?.title === `Add ${count} files`), folder: folder.length, siblings: filePaths.length, described: described.length, last: await (await downloadFile({ ...at, path: encodeURI(last) })).text(), lastPath: last,
  };
});
