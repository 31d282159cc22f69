// The store of Artifacts beside backup programs that deduplicate, on five files of weights: stored anew, stored bytes, and written out again. Whole processes, in turns.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { root, row, spread, withFolder } from "./common.mjs";

const run = promisify(execFile);
const ROUNDS = 5;
const STORE = join(root, "tests/Benchmarks/Store/bin/Release/net10.0/ModelGarden.Store.dll");
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

async function sha256(path) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
  }
  return hash.digest("hex");
}

async function makeFiles(folder) {
  await run("/usr/bin/python3", [join(root, "tests/Benchmarks/gen_dedup.py")], { cwd: folder });
  for (const name of FILES) {
    await writeFile(join(folder, "data/ds", `${name}.sha256`), await sha256(join(folder, "data/ds", name)));
  }
}

const garden = (level) => ({ name: `garden, ${level.toLowerCase()}`, ingest: `dotnet ${STORE} ingest $PWD/store ${FILES.map((name) => `$PWD/data/ds/${name}`).join(" ")}`, restore: `dotnet ${STORE} restore $PWD/store $PWD/out`, env: { Garden__Artifacts__Encoding: level } });
const borg = (name, compression) => ({
  name, before: "borg init -e none store", ingest: `borg create --compression ${compression} --chunker-params buzhash,14,18,16,4095 store::a data/ds/*.safetensors`, restore: "cd out && borg extract ../store::a",
});
const casync = { name: "casync", ingest: "casync make --store=$PWD/store/chunks store/all.caidx data/ds", restore: "casync extract --store=$PWD/store/chunks store/all.caidx out/ds" };
const contestants = [garden("Balanced"), borg("borg zstd,3", "zstd,3"), casync, garden("None"), borg("borg, no compression", "none")];

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

const ratio = (own, other, what, figure) => spread(own.map((one, round) => one[what][figure] / other[round][what][figure]), 2);

await withFolder(async (folder) => {
  await makeFiles(folder);
  const logical = (await Promise.all(FILES.map((name) => stat(join(folder, "data/ds", name))))).reduce((sum, one) => sum + one.size, 0);
  const rounds = new Map(contestants.map((one) => [one, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of contestants) {
      rounds.get(one).push(await turn(folder, one));
    }
  }
  for (const one of contestants) {
    const all = rounds.get(one);
    row(`store five files, s (processor s): ${one.name}`, `${spread(all.map((each) => each.ingest.wall))} (${spread(all.map((each) => each.ingest.cpu))})`, "");
    row(`stored bytes / logical bytes: ${one.name}`, spread(all.map((each) => each.stored / logical), 4), one === contestants[0] ? "at most 0.290" : "");
    row(`write them out, s (processor s): ${one.name}`, `${spread(all.map((each) => each.restore.wall))} (${spread(all.map((each) => each.restore.cpu))})`, "");
  }
  const [own, packed, chunked, plain, unpacked] = contestants.map((one) => rounds.get(one));
  row("store: garden / borg zstd,3, wall", ratio(own, packed, "ingest", "wall"), "under 1");
  row("store: garden / borg zstd,3, processor", ratio(own, packed, "ingest", "cpu"), "at most 1");
  row("store, not encoded: garden / borg, processor", ratio(plain, unpacked, "ingest", "cpu"), "at most 1");
  for (const [name, other] of [["borg zstd,3", packed], ["casync", chunked]]) {
    row(`write out: garden / ${name}, wall`, ratio(own, other, "restore", "wall"), "under 1");
    row(`write out: garden / ${name}, processor`, ratio(own, other, "restore", "cpu"), "under 1");
  }
});
