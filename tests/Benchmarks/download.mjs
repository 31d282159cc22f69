// A 1 GiB file through the front door beside nginx serving the same file, in turns, each read by curl to nowhere.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { randomFillSync } from "node:crypto";
import { promisify } from "node:util";
import { adminToken, freePort, garden, row, spread, start, withFolder } from "./common.mjs";

const run = promisify(execFile);
const SIZE = 1 << 30;
const PAIRS = 7;

async function makeFile(path) {
  const file = await open(path, "w");
  const block = Buffer.alloc(1 << 22);
  for (let written = 0; written < SIZE; written += block.length) {
    randomFillSync(block);
    await file.write(block);
  }
  await file.close();
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
  }
  return hash.digest("hex");
}

async function nginx(folder, port) {
  const configuration = join(folder, "nginx.conf");
  await writeFile(configuration, `
    daemon off; ${process.getuid() === 0 ? 'user root;' : ''} worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
    events { worker_connections 64; }
    http { access_log off; sendfile on; tcp_nopush on; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
      uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s; server { listen 127.0.0.1:${port}; root ${folder}; } }`);
  const server = start("nginx", ["-c", configuration]);
  await run("curl", ["-sS", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", "-o", "/dev/null", `http://127.0.0.1:${port}/nginx.conf`]);
  return server;
}

/** Bytes a second of one download. */
async function throughput(url, ...headers) {
  const { stdout } = await run("curl", ["-sSfL", "-o", "/dev/null", "-w", "%{speed_download} %{size_download}", ...headers, url]);
  const [speed, size] = stdout.split(" ").map(Number);
  if (size !== SIZE) {
    throw new Error(`${url} gave ${size} bytes`);
  }
  return speed / 1e9;
}

await withFolder(async (folder) => {
  const path = join(folder, "weights.bin");
  const oid = await makeFile(path);
  const host = await garden(join(folder, "data"));
  await host.call("POST", "/garden/v1/repositories", { name: "garden/big" });
  const batch = await host.call("POST", "/garden/big.git/info/lfs/objects/batch", { operation: "upload", transfers: ["basic"], objects: [{ oid, size: SIZE }] });
  await run("curl", ["-sSf", "-T", path, batch.objects[0].actions.upload.href]);
  await fetch(`${host.url}/api/models/garden/big/commit/main`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/x-ndjson" },
    body: [{ key: "header", value: { summary: "big" } }, { key: "lfsFile", value: { path: "weights.bin", algo: "sha256", oid, size: SIZE } }].map(JSON.stringify).join("\n"),
  });
  const port = await freePort();
  const peer = await nginx(folder, port);
  const [own, other] = [[], []];
  for (let pair = -1; pair < PAIRS; pair++) {
    const a = await throughput(`${host.url}/garden/big/resolve/main/weights.bin`, "-H", `Authorization: Bearer ${adminToken}`);
    const b = await throughput(`http://127.0.0.1:${port}/weights.bin`);
    if (pair >= 0) {
      own.push(a);
      other.push(b);
    }
  }
  await peer.stop();
  await host.stop();
  row("1 GiB download, GB/s: garden", spread(own, 2), "");
  row("1 GiB download, GB/s: nginx", spread(other, 2), "");
  row("garden / nginx", spread(own.map((speed, i) => speed / other[i]), 2), "at least 0.6");
});
