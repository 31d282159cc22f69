// The index of Search: built from a made-up catalog, opened again, asked 500 queries of all kinds in its process and over gRPC, and while repositories change; and PostgreSQL with the same records and queries.
// GARDEN_SEARCH_RECORDS: how many repositories.
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { postgres, root, row, withFolder } from "./common.mjs";

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
  facet_popular: "the same, of the 15 most frequent words",
  prefix: "completion of a name",
  exact: "a whole name",
};
const GOALS = { all: "under 0.5, 8; p99 20 times", facet: "p99 50 times", facet_popular: "p99 50 times", prefix: "p99 under 0.5; 20 times" };

const index = async (...args) => (await run("dotnet", [process.env.GARDEN_INDEX_PROGRAM, ...args], { maxBuffer: 1 << 24 })).stdout.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
const byKind = (lines, what) => Object.fromEntries(lines.filter((line) => line.what === what).map(({ kind, times }) => [kind, times]));
const figures = (times) => times.map((time) => time.toFixed(time < 10 ? 2 : 0)).join(", ");

await withFolder(async (folder) => {
  const [records, queries, feed, data] = ["records.jsonl", "queries.jsonl", "feed", "data"].map((name) => join(folder, name));
  const built = join(data, "search/index-1");
  await run("/usr/bin/python3", [join(root, "tests/Benchmarks/gen_catalog.py"), RECORDS, records, queries]);
  await index("convert", records, feed);

  const [building] = await index("build", feed, built);
  row(`index of ${RECORDS} repositories: built, s (processor s)`, `${building.seconds.toFixed(1)} (${building.processorSeconds.toFixed(1)})`, "under 90 of 2,000,000");
  row("bytes a repository", building.bytesPerRecord.toFixed(0), "under 1,200");

  const peer = await postgres(folder);
  const [loading] = await index("postgres", "load", records, peer.connection);
  row("PostgreSQL: loaded, s", loading.seconds.toFixed(1), "");
  row("PostgreSQL: bytes a repository", (loading.bytes / RECORDS).toFixed(0), "");
  await rm(records);

  const asked = await index("ask", built, queries, ROUNDS);
  const theirs = byKind(await index("postgres", "ask", peer.connection, queries, ROUNDS), "postgres");
  await peer.stop();
  const ours = byKind(asked, "index");
  row("opened and checked, to the first answer, s", asked[0].restart.toFixed(2), "under 2");
  row("resident after all queries, MiB (not of files)", `${asked.at(-1).residentMiB.toFixed(0)} (${asked.at(-1).anonymousMiB.toFixed(0)})`, "under 1,000");
  row("allocated a query, bytes", asked.at(-1).allocatedPerQuery, "");

  const [served] = await index("serve", data, queries, ROUNDS);
  row("over gRPC, 16 clients: queries a second; median, p99 in ms", `${served.perSecond.toFixed(0)}; ${figures(served.times)}`, "3,000; p99 under 25");
  const changed = await index("change", feed, built, queries, ROUNDS);
  const [still, changing] = ["still", "changing"].map((what) => byKind(changed, what).all);
  row("while nothing changes, ms: median, p99", figures(still), "");
  row(`while ${changed.at(-1).changesPerSecond.toFixed(0)} repositories change a second, ms: median, p99`, figures(changing), "p99 at most doubled");

  console.log("\n| queries, ms: median, p99 | garden | PostgreSQL | PostgreSQL / garden | to reach |\n| --- | --- | --- | --- | --- |");
  for (const [kind, name] of Object.entries(KINDS)) {
    const times = ours[kind].map((time, at) => theirs[kind][at] / time);
    row(name, figures(ours[kind]), figures(theirs[kind]), figures(times), GOALS[kind] ?? "p99 20 times");
  }
});
