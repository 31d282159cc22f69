// A file of 50 GB from its upload to its download: its bytes go up in one request and come back whole and in part. The same 64 MiB over and over, so the disk holds little of it.
import { createHash, randomFillSync } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { adminToken, garden, row, withFolder } from "./common.mjs";

const SIZE = Number(process.env.GARDEN_BENCH_LARGE ?? 50_000_000_000);
const PIECE = randomFillSync(Buffer.alloc(64 << 20));
const authorization = `Bearer ${adminToken}`;

function* pieces() {
  for (let at = 0; at < SIZE; at += PIECE.length) {
    yield PIECE.subarray(0, Math.min(PIECE.length, SIZE - at));
  }
}

function digest() {
  const hash = createHash("sha256");
  for (const piece of pieces()) {
    hash.update(piece);
  }
  return hash.digest("hex");
}

async function put(url) {
  const sending = request(url, { method: "PUT", headers: { "content-length": SIZE } });
  const answered = once(sending, "response");
  for (const piece of pieces()) {
    if (!sending.write(piece)) {
      await once(sending, "drain");
    }
  }
  sending.end();
  const [answer] = await answered;
  if (answer.statusCode >= 300) {
    throw new Error(`PUT: ${answer.statusCode} ${(await answer.toArray()).join("")}`);
  }
  answer.resume();
}

/** Bytes from one place of the file to another, as they should be. */
const expected = (from, to) => Buffer.from(Array.from({ length: to - from }, (_, i) => PIECE[(from + i) % PIECE.length]));

async function measured(name, work) {
  const began = performance.now();
  const result = await work();
  row(name, ((performance.now() - began) / 1000).toFixed(0), "");
  return result;
}

await withFolder(async (folder) => {
  const host = await garden(folder);
  const at = `${host.url}/garden/large/resolve/main/weights.bin`;
  await host.call("POST", "/garden/v1/repositories", { name: "garden/large" });
  const oid = digest();
  const { objects: [object] } = await host.call("POST", "/garden/large.git/info/lfs/objects/batch", { operation: "upload", transfers: ["basic"], objects: [{ oid, size: SIZE }] });
  await measured(`upload of one file of ${SIZE.toLocaleString("en")} bytes, s`, () => put(object.actions.upload.href));
  const committed = await measured("its commit, s", () => fetch(`${host.url}/api/models/garden/large/commit/main`, {
    method: "POST",
    headers: { authorization, "content-type": "application/x-ndjson" },
    body: [{ key: "header", value: { summary: "large" } }, { key: "lfsFile", value: { path: "weights.bin", algo: "sha256", oid, size: SIZE } }].map(JSON.stringify).join("\n"),
  }));
  const head = await fetch(at, { method: "HEAD", headers: { authorization }, redirect: "manual" });
  const from = SIZE - 1000;
  const tail = Buffer.from(await (await fetch(at, { headers: { authorization, range: `bytes=${from}-` } })).arrayBuffer());
  const whole = await measured("download of it, hashed, s", async () => {
    const hash = createHash("sha256");
    for await (const piece of (await fetch(at, { headers: { authorization } })).body) {
      hash.update(piece);
    }
    return hash.digest("hex");
  });
  const told = { committed: committed.status, size: head.headers.get("x-linked-size"), tail: tail.equals(expected(from, SIZE)), whole: whole === oid };
  if (JSON.stringify(told) !== JSON.stringify({ committed: 200, size: `${SIZE}`, tail: true, whole: true })) {
    throw new Error(`it did not come back as it went: ${JSON.stringify(told)}`);
  }
  const peak = Number((await readFile(`/proc/${host.pid}/status`, "utf8")).match(/VmHWM:\s+(\d+)/)[1]) / 1024;
  row("most memory of the whole garden meanwhile, MiB", peak.toFixed(0), "");
  await host.stop();
});
