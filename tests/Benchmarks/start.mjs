// AppHost on an existing data folder: time until it is ready, and memory when it idles.
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { garden, row, spread, withFolder } from "./common.mjs";

const RUNS = 7;
const IDLE_MILLISECONDS = 15_000;

await withFolder(async (data) => {
  await (await garden(data, { sample: true })).stop();
  const [times, memories] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    const host = await garden(data);
    times.push(host.readyAfter / 1000);
    await setTimeout(IDLE_MILLISECONDS);
    memories.push(Number((await readFile(`/proc/${host.pid}/status`, "utf8")).match(/VmRSS:\s+(\d+)/)[1]) / 1024);
    await host.stop();
  }
  row("AppHost ready, s", spread(times, 2), "under 3");
  row("idle memory, MiB", spread(memories, 0), "under 350");
});
