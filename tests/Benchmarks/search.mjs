// The index of Search in one process: built from a made-up catalog, opened again, and asked 500 queries of all kinds. GARDEN_SEARCH_RECORDS: how many repositories.
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { root, row, withFolder } from "./common.mjs";

const run = promisify(execFile);
const RECORDS = Number(process.env.GARDEN_SEARCH_RECORDS ?? 2_000_000);
const ROUNDS = 5;
const KINDS = {
  all: "all kinds",
  text: "text",
  text_filter: "text and two filters, by downloads",
  browse_p1: "filters, by downloads",
  browse_p50: "the same, page 50",
  facet: "text with three facets",
  prefix: "completion of a name",
  exact: "a whole name",
};

const index = async (...args) => (await run("dotnet", [process.env.GARDEN_INDEX_PROGRAM, ...args], { maxBuffer: 1 << 24 })).stdout.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));

await withFolder(async (folder) => {
  const [records, queries, feed, data] = ["records.jsonl", "queries.jsonl", "feed", "index"].map((name) => join(folder, name));
  await run("/usr/bin/python3", [join(root, "tests/Benchmarks/gen_catalog.py"), RECORDS, records, queries]);
  await index("convert", records, feed);
  await rm(records);
  const [built] = await index("build", feed, data);
  row(`index of ${RECORDS} repositories: built, s (processor s)`, `${built.seconds.toFixed(1)} (${built.processorSeconds.toFixed(1)})`, "under 90 of 2,000,000");
  row("bytes a repository", built.bytesPerRecord.toFixed(0), "under 1,200");
  const [opened, ...kinds] = await index("ask", data, queries, ROUNDS);
  row("opened and checked, to the first answer, s", opened.restart.toFixed(2), "under 2");
  for (const { kind, times } of kinds) {
    row(`${KINDS[kind]}, ms: median, p99`, times.map((time) => time.toFixed(2)).join(", "), { all: "under 0.5, 8", prefix: "p99 under 0.5" }[kind] ?? "");
  }
  row("resident after that, MiB (not of files)", `${kinds[0].residentMiB.toFixed(0)} (${kinds[0].anonymousMiB.toFixed(0)})`, "under 1,000");
  row("allocated a query, bytes", kinds[0].allocatedPerQuery, "");
});
