// The service of Artifacts beside servers that do one thing each: a pushed 1 GiB blob beside distribution's registry, downloads of it and small ranges beside nginx. In turns.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, makeFile, nginx, row, sha256, spread, start, storeApp, withFolder } from "./common.mjs";

const run = promisify(execFile);
const ROUNDS = 5;
const QUICK_ROUNDS = 15;
const SIZE = 1 << 30;
const SMALL_FILES = 1000;
const SMALL_SIZE = 16 << 10;
const TICKS = 100;

/** Processor seconds of a process, or of the whole machine. */
async function processorOf(pid) {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

async function processorOfMachine() {
  const [user, nice, system, , , irq, softirq] = (await readFile("/proc/stat", "utf8")).split("\n")[0].split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) / TICKS;
}

/** Seconds, and processor seconds as they are asked for, of some work. */
async function timed(processor, work) {
  const [before, startedAt] = [await processor(), performance.now()];
  await work();
  const wall = (performance.now() - startedAt) / 1000;
  return { wall, cpu: (await processor()) - before };
}

const ratios = (own, other, figure) => spread(own.map((one, round) => one[figure] / other[round][figure]), 2);

async function registry(folder) {
  const port = await freePort();
  const configuration = join(folder, "registry.yml");
  await writeFile(configuration, `version: 0.1\nlog: { level: error, accesslog: { disabled: true } }\nstorage: { filesystem: { rootdirectory: ${folder}/registry } }\nhttp: { addr: 127.0.0.1:${port} }\n`);
  const server = start("docker-registry", ["serve", configuration]);
  const url = `http://127.0.0.1:${port}`;
  await run("curl", ["-sS", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", "-o", "/dev/null", `${url}/v2/`]);
  return { ...server, url };
}

async function pushToRegistry(server, path, digest) {
  const begun = await fetch(`${server.url}/v2/bench/blobs/uploads/`, { method: "POST" });
  const location = new URL(begun.headers.get("location"), server.url);
  location.searchParams.set("digest", `sha256:${digest}`);
  await run("curl", ["-sSf", "-T", path, "-H", "Content-Type: application/octet-stream", location.href]);
}

async function push(folder, store) {
  const [peer, own, other] = [await registry(folder), [], []];
  const path = join(folder, "blob");
  for (let round = -1; round < ROUNDS; round++) {
    const digest = await makeFile(path, SIZE);
    const url = await store.ask(`up ${path}`);
    const passed = await store.bearer();
    const a = await timed(() => processorOf(store.pid), () => run("curl", ["-sSf", "-T", path, "-H", passed, url]));
    const b = await timed(() => processorOf(peer.pid), () => pushToRegistry(peer, path, digest));
    if (round >= 0) {
      own.push(a);
      other.push(b);
    }
  }
  await peer.stop();
  row("push of 1 GiB, s (processor s): garden", `${spread(own.map((one) => one.wall), 2)} (${spread(own.map((one) => one.cpu), 2)})`, "");
  row("push of 1 GiB, s (processor s): registry", `${spread(other.map((one) => one.wall), 2)} (${spread(other.map((one) => one.cpu), 2)})`, "");
  row("push: garden / registry, wall", ratios(own, other, "wall"), "at most 0.7");
  row("push: garden / registry, processor", ratios(own, other, "cpu"), "at most 1.3");
  return path;
}

const download = (url, passed, connections) => Promise.all(Array.from({ length: connections }, () => run("curl", ["-sSf", "-o", "/dev/null", "-H", passed, url])));

async function downloads(store, peer, path) {
  const [mine, its] = [await store.ask(`down ${path}`), `${peer.url}/blob`];
  for (const connections of [1, 8]) {
    const [own, other] = [[], []];
    for (let round = -1; round < QUICK_ROUNDS; round++) {
      const passed = await store.bearer();
      const a = await timed(processorOfMachine, () => download(mine, passed, connections));
      const b = await timed(processorOfMachine, () => download(its, passed, connections));
      if (round >= 0) {
        own.push(a);
        other.push(b);
      }
    }
    const what = `1 GiB, ${connections} connection${connections > 1 ? "s" : ""}`;
    const speeds = (all) => spread(all.map((one) => (connections * SIZE) / one.wall / 1e9), 2);
    row(`${what}, GB/s: garden`, speeds(own), "");
    row(`${what}, GB/s: nginx`, speeds(other), "");
    row(`${what}: garden / nginx, throughput`, ratios(other, own, "wall"), "at least 1");
    row(`${what}: garden / nginx, the machine's processor`, ratios(own, other, "cpu"), "at most 1.3");
  }
}

/** Requests a second of wrk, each of the next of these paths. */
async function requests(folder, url, paths, passed, range) {
  const script = join(folder, "paths.lua");
  await writeFile(join(folder, "paths.txt"), paths.join("\n"));
  await writeFile(script, `local paths = {} for line in io.lines("${folder}/paths.txt") do paths[#paths + 1] = wrk.format("GET", line, { Host = "${new URL(url).host}", Authorization = "${passed.split(": ")[1]}"${range ? ', Range = "bytes=5000-6023"' : ""} }) end
    local next = 0
    request = function() next = next % #paths + 1 return paths[next] end
    done = function(summary) io.write("errors " .. summary.errors.status + summary.errors.read + summary.errors.connect + summary.errors.timeout .. "\\n") end`);
  const { stdout } = await run("wrk", ["-t1", "-c64", "-d6s", "-s", script, url]);
  const [rate, errors] = [Number(stdout.match(/Requests\/sec:\s+([\d.]+)/)[1]), Number(stdout.match(/errors (\d+)/)[1])];
  if (errors > 0) {
    throw new Error(stdout);
  }
  return rate;
}

async function smallRanges(folder, store, peer) {
  const [mine, its] = [[], []];
  await mkdir(join(folder, "small"));
  for (let number = 0; number < SMALL_FILES; number++) {
    const path = join(folder, "small", `${number}`);
    await writeFile(path, randomBytes(SMALL_SIZE));
    await writeFile(`${path}.sha256`, await sha256(path));
    await writeFile(`${path}.1k`, randomBytes(1024));
    const target = await store.ask(`up ${path}`);
    const [name, value] = (await store.bearer()).split(": ");
    await fetch(target, { method: "PUT", body: await readFile(path), headers: { [name]: value } });
    mine.push((await store.ask(`down ${path}`)).slice(store.url.length));
    its.push(`/small/${number}.1k`);
  }
  const [own, other] = [[], []];
  for (let round = -1; round < QUICK_ROUNDS; round++) {
    const passed = await store.bearer();
    const a = await requests(folder, store.url, mine, passed, true);
    const b = await requests(folder, peer.url, its, passed, false);
    if (round >= 0) {
      own.push(a);
      other.push(b);
    }
  }
  row("1 KiB ranges of 1,000 files, 64 connections, requests/s: garden", spread(own, 0), "");
  row("files of 1 KiB, 64 connections, requests/s: nginx", spread(other, 0), "");
  row("small ranges: garden / nginx", spread(own.map((rate, i) => rate / other[i]), 2), "at least 0.5");
}

await withFolder(async (folder) => {
  const store = await storeApp(join(folder, "data"));
  const path = await push(folder, store);
  const peer = await nginx(folder, availableParallelism());
  // What was pushed is on its way to the disk: that is no part of a download.
  await run("sync");
  await downloads(store, peer, path);
  await rm(path);
  await smallRanges(folder, store, peer);
  await peer.stop();
  await store.stop();
});
