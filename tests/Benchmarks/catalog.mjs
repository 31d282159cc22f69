// The catalog through the front door: a commit of 1,000 small files, and the first page of 10,000 files.
import { join } from "node:path";
import { adminToken, garden, row, spread, withFolder } from "./common.mjs";

const ROUNDS = 9;

const content = (file, round) => Buffer.from(`file ${file}, written in round ${round}\n${"x".repeat(200)}\n`).toString("base64");

/** A commit's body: so many files of 230 bytes in ten folders. */
function lines(files, round) {
  const operations = Array.from({ length: files }, (_, file) => JSON.stringify({ key: "file", value: { path: `folder-${file % 10}/file-${file}.txt`, content: content(file, round), encoding: "base64" } }));
  return [JSON.stringify({ key: "header", value: { summary: "write" } }), ...operations].join("\n");
}

await withFolder(async (folder) => {
  const host = await garden(join(folder, "data"));
  const authorization = `Bearer ${adminToken}`;
  const ask = async (verb, path, body) => {
    const began = performance.now();
    const response = await fetch(host.url + path, { method: verb, body, headers: { authorization, ...(body && { "content-type": "application/x-ndjson" }) } });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${verb} ${path}: ${response.status} ${text}`);
    }
    return { milliseconds: performance.now() - began, text };
  };
  const commits = [];
  for (let round = -2; round < ROUNDS; round++) {
    await host.call("POST", "/garden/v1/repositories", { name: `garden/commits${round + 2}` });
    const { milliseconds } = await ask("POST", `/api/models/garden/commits${round + 2}/commit/main`, lines(1000, round));
    if (round >= 0) {
      commits.push(milliseconds);
    }
  }
  row("commit of 1,000 small files, ms", spread(commits, 0), "under 1,000");

  await host.call("POST", "/garden/v1/repositories", { name: "garden/wide" });
  await ask("POST", "/api/models/garden/wide/commit/main", lines(10_000, 0));
  const pages = [];
  for (let round = -5; round < 5 * ROUNDS; round++) {
    const { milliseconds, text } = await ask("GET", "/api/models/garden/wide/tree/main?recursive=true");
    if (JSON.parse(text).length !== 1000) {
      throw new Error("a first page has 1,000 entries");
    }
    if (round >= 0) {
      pages.push(milliseconds);
    }
  }
  row("first page (1,000) of 10,000 files, ms", spread(pages, 1), "under 20");

  await host.stop();
});
