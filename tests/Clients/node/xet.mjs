// Uploads a file through Xet, uploads it again with some bytes put in, and downloads both through Xet, watching what goes over the wire. A third file goes up the
// plain way and comes down through Xet. HUB_URL, HUB_TOKEN, REPO.
import { createRepo, downloadFile, fileDownloadInfo, listFiles, uploadFile } from "@huggingface/hub";
import { hub, run, setting, sha256 } from "./flow.mjs";

const wire = [];

/** The platform's fetch, writing down what was sent where. */
async function watched(url, init = {}) {
  const body = init.body instanceof ReadableStream ? await new Response(init.body).blob() : init.body;
  const response = await fetch(url, { ...init, body });
  const { pathname } = new URL(url instanceof Request ? url.url : url);
  const range = new Headers(init.headers).get("range");
  wire.push({ method: init.method ?? "GET", path: pathname, sent: body?.size ?? body?.byteLength ?? body?.length ?? 0, range, status: response.status });
  return response;
}

/** Bytes that do not compress, the same at each run. */
function noise(length, seed) {
  const bytes = new Uint8Array(length);
  for (let i = 0, state = seed; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const sent = (part) => wire.filter((one) => one.method === "POST" && one.path.includes(part)).reduce((sum, one) => sum + one.sent, 0);

async function upload(repo, path, bytes, settings) {
  wire.length = 0;
  await uploadFile({ ...hub(), repo, file: { path, content: new Blob([bytes]) }, fetch: watched, ...settings });
  return { xorbs: sent("/xorbs/"), shards: sent("/shards"), puts: wire.filter((one) => one.method === "PUT").length, failed: wire.filter((one) => one.status >= 400 && !one.path.includes("/chunks/")) };
}

async function download(repo, path, bytes) {
  wire.length = 0;
  const blob = await downloadFile({ ...hub(), repo, path, xet: true, fetch: watched });
  const whole = sha256(await blob.arrayBuffer());
  const xorbs = wire.filter((one) => one.path.includes("/garden/v1/xet/segments/"));
  const part = await blob.slice(1_234_567, 1_300_000).arrayBuffer();
  return {
    same: whole === sha256(bytes),
    samePart: sha256(part) === sha256(bytes.slice(1_234_567, 1_300_000)),
    throughXet: xorbs.length > 0 && xorbs.every((one) => one.status === 206) && !wire.some((one) => one.path.includes("/garden/v1/files/")),
  };
}

await run(async () => {
  const repo = setting("REPO");
  await createRepo({ ...hub(), repo });
  const first = noise(5_000_000, 1);
  const second = new Uint8Array([...first.slice(0, 2_500_000), ...noise(1_000, 2), ...first.slice(2_500_000)]);
  const plain = noise(3_000_000, 3);
  const result = {
    first: await upload(repo, "weights/first.bin", first),
    second: await upload(repo, "weights/second.bin", second),
    again: await upload(repo, "weights/again.bin", first),
    plain: await upload(repo, "weights/plain.bin", plain, { useXet: false }),
  };
  result.downloads = {
    first: await download(repo, "weights/first.bin", first),
    second: await download(repo, "weights/second.bin", second),
    plain: await download(repo, "weights/plain.bin", plain),
  };
  result.information = await fileDownloadInfo({ ...hub(), repo, path: "weights/first.bin" });
  result.listed = [];
  for await (const file of listFiles({ ...hub(), repo, recursive: true })) {
    result.listed.push({ path: file.path, xetHash: file.xetHash });
  }
  return result;
});
