// The store of Artifacts beside backup programs that deduplicate, on five files of weights: stored anew, stored bytes, and written out again. Whole processes, in turns.
import { execFile } from "node:child_process";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { root, row, sha256, spread, storeProgram, withFolder } from "./common.mjs";

const run = promisify(execFile);
const ROUNDS = 5;
const FILES = ["base", "copy", "shifted", "finetune", "bf16up"].map((name) => `${name}.safetensors`);
const quiet = { BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: "yes", BORG_RELOCATED_REPO_ACCESS_IS_OK: "yes" };

/** Wall and processor seconds of a whole command. */
async function timed(folder, command, env = {}) {
  const { stderr } = await run("bash", ["-c", `TIMEFORMAT='%R %U %S'; time { ${command} >/dev/null 2>&1 || echo FAILED >&2; }`], { cwd: folder, env: { ...process.env, ...quiet, ...env } });
  const [wall, user, system] = stderr.trim().split("\n").at(-1).split(" ").map(Number);
  if (stderr.includes("FAILED") || Number.isNaN(wall)) {
    throw new Error(`${command}: ${stderr}`);
  }
  return { wall, cpu: user + system };
}

async function bytesIn(folder) {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(names.filter((name) => name.isFile()).map((name) => stat(join(name.parentPath, name.name))));
  return sizes.reduce((sum, one) => sum + one.size, 0);
}

async function makeFiles(folder) {
  await run("/usr/bin/python3", [join(root, "tests/Benchmarks/gen_dedup.py")], { cwd: folder });
  for (const name of FILES) {
    await writeFile(join(folder, "data/ds", `${name}.sha256`), await sha256(join(folder, "data/ds", name)));
  }
}

const paths = FILES.map((name) => `$PWD/data/ds/${name}`).join(" ");
const garden = (level) => ({
  name: `garden, ${level}`, ingest: `dotnet ${storeProgram} ingest $PWD/store ${paths}`, restore: `dotnet ${storeProgram} restore $PWD/store $PWD/out`, env: { Garden__Artifacts__Encoding: level },
});
const borg = (name, compression) => ({
  name, before: "borg init -e none store", ingest: `borg create --compression ${compression} --chunker-params buzhash,14,18,16,4095 store::a data/ds/*.safetensors`, restore: "cd out && borg extract ../store::a",
});
const casync = { name: "casync", ingest: "casync make --store=$PWD/store/chunks store/all.caidx data/ds", restore: "casync extract --store=$PWD/store/chunks store/all.caidx out/ds" };
const [balanced, planes, none] = ["Balanced", "Planes", "None"].map(garden);
const [packed, unpacked] = [borg("borg zstd,3", "zstd,3"), borg("borg, no compression", "none")];
const contestants = [balanced, packed, casync, none, unpacked, planes];

/** As in a service that has run for a while: all of it several times in one process, of which the last time counts. */
async function warm(folder, level) {
  await rm(join(folder, "store"), { recursive: true, force: true });
  const { stdout } = await run("bash", ["-c", `dotnet ${storeProgram} warm $PWD/store ${paths}`], { cwd: folder, env: { ...process.env, Garden__Artifacts__Encoding: level } });
  const [ingestWall, ingestCpu, restoreWall, restoreCpu] = stdout.trim().split("\n").at(-1).split(" ").map(Number);
  return { ingest: { wall: ingestWall, cpu: ingestCpu }, restore: { wall: restoreWall, cpu: restoreCpu } };
}

async function turn(folder, one) {
  await rm(join(folder, "store"), { recursive: true, force: true });
  await mkdir(join(folder, "out"), { recursive: true });
  await (one.before ? timed(folder, one.before) : mkdir(join(folder, "store")));
  const ingest = await timed(folder, one.ingest, one.env);
  const stored = await bytesIn(join(folder, "store"));
  const restore = await timed(folder, one.restore, one.env);
  await rm(join(folder, "out"), { recursive: true, force: true });
  return { ingest, restore, stored };
}

/** What each file adds to a store that has those before it, database included: bytes to the file's own bytes. */
async function added(folder) {
  const store = join(folder, "store");
  await rm(store, { recursive: true, force: true });
  await mkdir(store);
  const shares = new Map();
  for (const name of FILES) {
    const before = await bytesIn(store);
    await timed(folder, `dotnet ${storeProgram} ingest $PWD/store $PWD/data/ds/${name}`);
    shares.set(name, (await bytesIn(store) - before) / (await stat(join(folder, "data/ds", name))).size);
  }
  return shares;
}

const seconds = (all, what) => `${spread(all.map((one) => one[what].wall))} (${spread(all.map((one) => one[what].cpu))})`;
const ratio = (own, other, what, figure) => spread(own.map((one, round) => one[what][figure] / other[round][what][figure]), 2);

await withFolder(async (folder) => {
  await makeFiles(folder);
  for (const [name, share] of await added(folder)) {
    row(`new bytes / bytes of a file, those before it stored: ${name}`, share.toFixed(6), name.startsWith("copy") || name.startsWith("shifted") ? "under 0.001" : "");
  }
  const logical = (await Promise.all(FILES.map((name) => stat(join(folder, "data/ds", name))))).reduce((sum, one) => sum + one.size, 0);
  const [rounds, running] = [new Map(contestants.map((one) => [one, []])), new Map([["Balanced", []], ["None", []]])];
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of contestants) {
      rounds.get(one).push(await turn(folder, one));
    }
    for (const [level, all] of running) {
      all.push(await warm(folder, level));
    }
  }
  const limits = new Map([[balanced, "at most 0.290"], [planes, "at most 0.260"]]);
  for (const one of contestants) {
    const all = rounds.get(one);
    row(`store five files, s (processor s): ${one.name}`, seconds(all, "ingest"), "");
    row(`stored bytes / logical bytes: ${one.name}`, spread(all.map((each) => each.stored / logical), 4), limits.get(one) ?? "");
    row(`write them out, s (processor s): ${one.name}`, seconds(all, "restore"), "");
  }
  for (const [level, all] of running) {
    row(`store five files, s (processor s): garden, ${level}, running`, seconds(all, "ingest"), "");
    row(`write them out, s (processor s): garden, ${level}, running`, seconds(all, "restore"), "");
  }
  const [own, zstd, chunked, plain, raw] = contestants.map((one) => rounds.get(one));
  const [ownRunning, plainRunning] = [...running.values()];
  row("store: garden, running / borg zstd,3, wall", ratio(ownRunning, zstd, "ingest", "wall"), "under 1");
  row("store: garden, running / borg zstd,3, processor", ratio(ownRunning, zstd, "ingest", "cpu"), "at most 1");
  row("store, not encoded: garden, running / borg, processor", ratio(plainRunning, raw, "ingest", "cpu"), "at most 1");
  row("store: garden, a process for it / borg zstd,3, wall", ratio(own, zstd, "ingest", "wall"), "");
  row("store: garden, a process for it / borg zstd,3, processor", ratio(own, zstd, "ingest", "cpu"), "");
  row("store, not encoded: garden, a process for it / borg, processor", ratio(plain, raw, "ingest", "cpu"), "");
  for (const [name, other] of [["borg zstd,3", zstd], ["casync", chunked]]) {
    row(`write out: garden, a process for it / ${name}, wall`, ratio(own, other, "restore", "wall"), "under 1");
    row(`write out: garden, a process for it / ${name}, processor`, ratio(own, other, "restore", "cpu"), "under 1");
  }
});
