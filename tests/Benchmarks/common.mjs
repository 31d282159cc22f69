// What the benchmarks share: a garden of their own, medians, tables.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const root = new URL("../../", import.meta.url).pathname;
export const adminToken = "hf_garden_admin_of_benchmarks";

const appHost = join(root, "AppHost/bin/Release/net10.0/ModelGarden.AppHost.dll");

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export const temporaryFolder = () => mkdtemp(join(tmpdir(), "garden-bench-"));

/** A program whose lines can be waited for. */
export function start(command, args, env = {}) {
  const startedAt = performance.now();
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "inherit"] });
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  const lines = createInterface({ input: child.stdout });
  const said = [];
  lines.on("line", (line) => said.push(line));
  return {
    pid: child.pid,
    /** Milliseconds from the start of the process to a line with this text. */
    says: (text) => new Promise((resolve, reject) => {
      const look = (line) => line.includes(text) && resolve({ milliseconds: performance.now() - startedAt, line });
      said.forEach(look);
      lines.on("line", look);
      child.once("exit", (code) => reject(new Error(`${command} ended with ${code} before it said '${text}'`)));
    }),
    stop: async () => {
      process.removeListener("exit", end);
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

/** A garden on a data folder, its sample models loaded if asked for. */
export async function garden(data, { sample = false } = {}) {
  const port = await freePort();
  const host = start("dotnet", [appHost], {
    GARDEN_PORT: `${port}`, GARDEN_GRPC_PORT: `${await freePort()}`, GARDEN_DATA: data, GARDEN_ADMIN_TOKEN: adminToken, GARDEN_SAMPLE: `${sample}`,
    Garden__Deployment__InstalledEngines: join(root, "deploy/engines"),
  });
  const ready = await host.says("garden models search");
  if (sample) {
    await host.says("garden/kjv-llama is published");
  }
  const url = `http://127.0.0.1:${port}`;
  return { ...host, url, readyAfter: ready.milliseconds, call: (verb, path, body) => call(url, verb, path, body) };
}

async function call(url, verb, path, body) {
  const response = await fetch(url + path, {
    method: verb, headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" }, body: body && JSON.stringify(body),
  });
  if (!response.ok) {
    throw new Error(`${verb} ${path}: ${response.status} ${await response.text()}`);
  }
  return response.json();
}

export async function withFolder(work) {
  const folder = await temporaryFolder();
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const sorted = (values) => [...values].sort((a, b) => a - b);
export const median = (values) => sorted(values)[Math.floor(values.length / 2)];
export const spread = (values, digits = 1) => `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;
export const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);
