// `git clone` of a repository of 1,000 commits from the garden, and of the same one from git's own http-backend, in turns.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { adminToken, garden, row, spread, withFolder } from "./common.mjs";

const run = promisify(execFile);
const COMMITS = 1000;
const FILES = 200;
const PAIRS = 9;

/** A history in which each commit changes two files of 200, in twenty folders. */
function history() {
  const lines = ["blob", "mark :1", "data 1", "x"];
  const text = (file, commit) => Array.from({ length: 40 }, (_, line) => `line ${line} of file ${file}${line === commit % 40 ? ` changed by ${commit}` : ""}\n`).join("");
  for (let commit = 0; commit < COMMITS; commit++) {
    lines.push("commit refs/heads/main", `committer Ann <ann@example.org> ${1700000000 + commit} +0000`, "data 7", "change\n");
    for (let i = commit === 0 ? 0 : FILES - 2; i < FILES; i++) {
      const file = commit === 0 ? i : (commit * 7 + i * 13) % FILES;
      const content = text(file, commit);
      lines.push(`M 100644 inline folder-${file % 20}/file-${file}.txt`, `data ${content.length}`, content);
    }
  }
  return lines.join("\n") + "\n";
}

/** git's own server, behind HTTP as plain as can be. */
async function backend(folder) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://x");
    const cgi = spawn("git", ["http-backend"], { env: {
      ...process.env, GIT_PROJECT_ROOT: folder, GIT_HTTP_EXPORT_ALL: "1", PATH_INFO: url.pathname, QUERY_STRING: url.search.slice(1), REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "", HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "", GIT_PROTOCOL: request.headers["git-protocol"] ?? "",
    } });
    request.pipe(cgi.stdin);
    let head = Buffer.alloc(0);
    const begin = (chunk) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end >= 0) {
        cgi.stdout.off("data", begin);
        const headers = Object.fromEntries(head.subarray(0, end).toString().split("\r\n").map((line) => line.split(/: (.*)/s).slice(0, 2)));
        response.writeHead(Number.parseInt(headers.Status ?? "200"), headers);
        response.write(head.subarray(end + 4));
        cgi.stdout.pipe(response);
      }
    };
    cgi.stdout.on("data", begin);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

await withFolder(async (folder) => {
  const git = (...args) => run("git", args, { cwd: folder, env: { ...process.env, HOME: folder, GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" } });
  const clone = async (url) => {
    await rm(join(folder, "copy"), { recursive: true, force: true });
    const began = performance.now();
    await git("clone", "-q", url, "copy");
    return performance.now() - began;
  };
  await git("init", "-q", "--bare", "-b", "main", "source.git");
  const importing = run("git", ["fast-import", "--quiet"], { cwd: join(folder, "source.git") });
  importing.child.stdin.end(history());
  await importing;
  // As a server's housekeeping leaves it.
  await git("-C", "source.git", "gc", "-q");
  const host = await garden(join(folder, "data"));
  const own = host.url.replace("://", `://any:${adminToken}@`);
  await host.call("POST", "/garden/v1/repositories", { name: "garden/history" });
  const began = performance.now();
  await git("-C", "source.git", "push", "-q", `${own}/garden/history`, "main");
  const pushed = performance.now() - began;
  const peer = await backend(folder);
  const [ours, theirs] = [[], []];
  for (let pair = -2; pair < PAIRS; pair++) {
    const a = await clone(`${own}/garden/history`);
    const b = await clone(`${peer.url}/source.git`);
    if (pair >= 0) {
      ours.push(a);
      theirs.push(b);
    }
  }
  peer.stop();
  await host.stop();
  row("push of 1,000 commits, ms", pushed.toFixed(0), "");
  row("clone of 1,000 commits, ms: garden", spread(ours, 0), "");
  row("clone of 1,000 commits, ms: git http-backend", spread(theirs, 0), "");
  row("garden / git http-backend", spread(ours.map((time, i) => time / theirs[i]), 2), "at most 2");
});
