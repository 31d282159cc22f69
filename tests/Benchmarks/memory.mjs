// What the service of Artifacts holds in memory while a file of 20 GiB is sent to it and 15 clients get another of that length. Takes 40 GiB of disk and some minutes.
import { execFile } from "node:child_process";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { memoryOf, row, storeApp, withFolder } from "./common.mjs";

const run = promisify(execFile);
const SIZE = 20 * 2 ** 30;
const READERS = 15;

/** Bytes that nothing can make smaller, the same each time they are asked for. */
const bytesOf = (number) => `head -c ${SIZE} /dev/zero | openssl enc -aes-128-ctr -K ${"0".repeat(31)}${number} -iv ${"0".repeat(32)}`;

const shell = (command) => run("bash", ["-c", `set -o pipefail; ${command}`], { maxBuffer: 2 ** 20 });

/** A name and a length for what is only ever a stream. */
async function describe(folder, number) {
  const path = join(folder, `${number}.bin`);
  await writeFile(path, "");
  await truncate(path, SIZE);
  await writeFile(`${path}.sha256`, (await shell(`${bytesOf(number)} | sha256sum`)).stdout);
  return path;
}

async function send(store, path, number) {
  const [url, passed] = [await store.ask(`up ${path}`), await store.bearer()];
  await shell(`${bytesOf(number)} | curl -sSf -T - -H 'Expect:' -H '${passed}' '${url}'`);
}

async function get(store, path) {
  const [url, passed] = [await store.ask(`down ${path}`), await store.bearer()];
  const { stdout } = await run("curl", ["-sSf", "-o", "/dev/null", "-w", "%{size_download}", "-H", passed, url]);
  if (Number(stdout) !== SIZE) {
    throw new Error(`${stdout} bytes came of ${SIZE}`);
  }
}

await withFolder(async (folder) => {
  const [first, second] = [await describe(folder, 1), await describe(folder, 2)];
  const store = await storeApp(join(folder, "data"), { Garden__Artifacts__SinglePutLimit: `${SIZE}` });
  const { now: idle } = await memoryOf(store.pid);
  await send(store, first, 1);
  await writeFile(`/proc/${store.pid}/clear_refs`, "5");
  const startedAt = performance.now();
  const work = [send(store, second, 2)];
  for (let reader = 0; reader < READERS; reader++) {
    work.push(get(store, first));
  }
  await Promise.all(work);
  const { peak } = await memoryOf(store.pid);
  await store.stop();
  row("20 GiB in while 15 clients get 20 GiB: memory above idle, MiB", `${(peak - idle).toFixed(0)} (idle ${idle.toFixed(0)})`, "under 400");
  row("20 GiB in while 15 clients get 20 GiB: all of them, GB/s", (((READERS + 1) * SIZE) / (performance.now() - startedAt) / 1e6).toFixed(2), "");
});
