// What a garden of a million repositories holds in memory: Catalog has them in its database, Search all of them in its index, which it makes from Catalog's feed, and the Hub remembers the files that were asked for.
// Each has a made-up name, card and tags. GARDEN_BENCH_REPOSITORIES: how many.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { adminToken, copies, garden, memoryOf, root, row, withFolder } from "./common.mjs";

const run = promisify(execFile);
const REPOSITORIES = Number(process.env.GARDEN_BENCH_REPOSITORIES ?? 1_000_000);
const FILES = Math.min(20_000, REPOSITORIES);
const AT_ONCE = 16;
const headers = { authorization: `Bearer ${adminToken}` };

/** Does something with each, some at once. */
async function each(things, work) {
  const left = things[Symbol.iterator]();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const thing of left) {
      await work(thing);
    }
  }));
}

async function ask(url, method = "GET") {
  const answer = await fetch(url, { method, headers });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${method} ${url}: ${answer.status} ${text}`);
  }
  return text;
}

const linesOf = async (path) => (await readFile(path, "utf8")).trim().split("\n");

await withFolder(async (folder) => {
  const [data, records, queries, feed, names] = ["data", "records.jsonl", "queries.jsonl", "feed", "names"].map((name) => join(folder, name));
  await copies(data, REPOSITORIES);
  await run("/usr/bin/python3", [join(root, "tests/Benchmarks/gen_catalog.py"), REPOSITORIES, records, queries]);
  await run("dotnet", [process.env.GARDEN_INDEX_PROGRAM, "convert", records, feed]);
  await run("/usr/bin/python3", [join(root, "tests/Benchmarks/name_repositories.py"), join(data, "catalog/catalog.db"), feed, names, `${FILES}`]);

  // It is ready when its index is whole.
  const began = performance.now();
  const host = await garden(data);
  for (let found = 0; found < REPOSITORIES; await setTimeout(1000)) {
    const answer = await fetch(`${host.url}/garden/v1/search?pageSize=1`, { headers });
    found = answer.ok ? Number((await answer.json()).total ?? 0) : 0;
  }
  const indexed = (performance.now() - began) / 1000;
  const grown = await memoryOf(host.pid);

  const files = (await linesOf(names)).map((name) => `${host.url}/${name}/resolve/main/config.json`);
  const asked = (await linesOf(queries)).map((line) => JSON.parse(line)).filter((query) => query.q).map((query) => `${host.url}/api/models?limit=20&search=${encodeURIComponent(query.q)}`);
  for (let round = 0; round < 2; round++) {
    await each(files, (file) => ask(file, "HEAD"));
    await each(asked, (query) => ask(query));
  }
  const { now, anonymous, peak } = await memoryOf(host.pid);
  await host.stop();

  const what = `${REPOSITORIES.toLocaleString("en")} repositories in Catalog and in Search's index`;
  row(`${what}: started, and the index made from the feed, s`, indexed.toFixed(0), "");
  row("memory of the whole garden when it is made, MiB (not of files)", `${grown.now.toFixed(0)} (${grown.anonymous.toFixed(0)})`, "");
  row(`after HEAD of ${FILES.toLocaleString("en")} files and ${asked.length} queries, twice, MiB (not of files)`, `${now.toFixed(0)} (${anonymous.toFixed(0)})`, "under 1,500");
  row("the most of it at any time, MiB", peak.toFixed(0), "");
});
