// A 1 GiB file through the front door beside nginx serving the same file, in turns, each read by curl to nowhere.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { adminToken, garden, makeFile, nginx, row, spread, withFolder } from "./common.mjs";

const run = promisify(execFile);
const SIZE = 1 << 30;
const PAIRS = 7;

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
  const oid = await makeFile(path, SIZE);
  const host = await garden(join(folder, "data"));
  await host.call("POST", "/garden/v1/repositories", { name: "garden/big" });
  const batch = await host.call("POST", "/garden/big.git/info/lfs/objects/batch", { operation: "upload", transfers: ["basic"], objects: [{ oid, size: SIZE }] });
  await run("curl", ["-sSf", "-T", path, batch.objects[0].actions.upload.href]);
  await fetch(`${host.url}/api/models/garden/big/commit/main`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/x-ndjson" },
    body: [{ key: "header", value: { summary: "big" } }, { key: "lfsFile", value: { path: "weights.bin", algo: "sha256", oid, size: SIZE } }].map(JSON.stringify).join("\n"),
  });
  const peer = await nginx(folder, 1);
  const [own, other] = [[], []];
  for (let pair = -1; pair < PAIRS; pair++) {
    const a = await throughput(`${host.url}/garden/big/resolve/main/weights.bin`, "-H", `Authorization: Bearer ${adminToken}`);
    const b = await throughput(`${peer.url}/weights.bin`);
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
