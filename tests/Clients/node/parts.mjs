// Large files in parts, as npm's client sends them without Xet: one of some parts and a rest, one that ends with a part, one that is a part and comes whole. What goes over
// the wire is watched. HUB_URL, HUB_TOKEN, REPO (made here), PART_SIZE (the garden's, in bytes).
import { randomBytes } from "node:crypto";
import { createRepo, downloadFile, fileDownloadInfo, uploadFile, uploadFiles } from "@huggingface/hub";
import { hub, run, setting, sha256 } from "./flow.mjs";

const [at, partSize] = [{ ...hub(), repo: setting("REPO") }, Number(setting("PART_SIZE"))];
const files = { "rest.bin": randomBytes(2 * partSize + 17), "even.bin": randomBytes(2 * partSize), "one.bin": randomBytes(partSize) };
const wire = [];

async function watched(url, init = {}) {
  const answer = await fetch(url, init);
  const [, kind] = new URL(url).pathname.match(/\/uploads\/[^/]+(?:\/(parts\/\d+|complete))?$/) ?? [];
  if (new URL(url).pathname.includes("/uploads/")) {
    wire.push(`${init.method} ${kind ?? "whole"} ${init.method === "PUT" ? init.body.size : ""} ${answer.status}`);
  }

  return answer;
}

/** The line breaks in the middle of a file. */
const broken = (url, init) => (String(url).includes("/parts/2?") ? Promise.reject(new Error("the line is broken")) : watched(url, init));

async function sent(upload) {
  wire.length = 0;
  await upload();
  return wire.toSorted();
}

async function read(path, bytes) {
  const whole = async (xet) => sha256(await (await downloadFile({ ...at, path, xet })).arrayBuffer()) === sha256(bytes);
  const [from, to] = [partSize - 100, Math.min(partSize + 100, bytes.length)];
  const across = await (await downloadFile({ ...at, path, xet: false })).slice(from, to).arrayBuffer();
  return `${(await fileDownloadInfo({ ...at, path })).size === bytes.length} ${await whole(false)} ${await whole(true)} ${sha256(across) === sha256(bytes.subarray(from, to))}`;
}

await run(async () => {
  await createRepo({ ...at, visibility: "private" });
  const put = (path, content, more) => uploadFile({ ...at, file: { path, content: new Blob([content]) }, useXet: false, fetch: watched, ...more });
  const result = {
    broken: await put("rest.bin", files["rest.bin"], { fetch: broken }).catch((error) => error.message),
    rest: await sent(() => put("rest.bin", files["rest.bin"])),
    others: await sent(() => uploadFiles({ ...at, files: ["even.bin", "one.bin"].map((path) => ({ path, content: new Blob([files[path]]) })), useXet: false, fetch: watched })),
    again: await sent(() => put("copy.bin", files["rest.bin"])),
  };
  files["copy.bin"] = files["rest.bin"];
  result.read = Object.fromEntries(await Promise.all(Object.entries(files).map(async ([path, bytes]) => [path, await read(path, bytes)])));
  return result;
});
