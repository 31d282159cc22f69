// What the benchmarks share: a garden of their own, medians, tables.
import { execFile, spawn } from "node:child_process";
import { createHash, randomFillSync } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export const root = new URL("../../", import.meta.url).pathname;
export const adminToken = "hf_garden_admin_of_benchmarks";

/** The store alone, compiled ahead of time as images are. */
export const storeProgram = process.env.GARDEN_STORE_PROGRAM;

const run = promisify(execFile);
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
  let answered = Promise.resolve();
  lines.on("line", (line) => said.push(line));
  return {
    pid: child.pid,
    /** Writes a line; answers with the next one that is said. One after another. */
    ask: (line) => (answered = answered.then(async () => {
      child.stdin.write(`${line}\n`);
      const [answer] = await Promise.race([once(lines, "line"), once(lines, "close")]);
      if (answer === undefined) {
        throw new Error(`${command} ended when asked '${line}'`);
      }
      return answer;
    })),
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

/** A data folder whose garden has one repository so many times, with one file each: `garden/copy-1` and so on. */
export async function copies(data, count) {
  const first = await garden(data);
  await first.call("POST", "/garden/v1/repositories", { name: "garden/original" });
  const lines = [{ key: "header", value: { summary: "write" } }, { key: "file", value: { path: "config.json", content: Buffer.from('{"model_type":"llama"}').toString("base64"), encoding: "base64" } }];
  const made = await fetch(`${first.url}/api/models/garden/original/commit/main`, {
    method: "POST", body: lines.map((line) => JSON.stringify(line)).join("\n"), headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/x-ndjson" },
  });
  if (!made.ok) {
    throw new Error(await made.text());
  }
  await first.stop();
  await run("/usr/bin/python3", [join(root, "tests/Benchmarks/copy_repositories.py"), join(data, "catalog/catalog.db"), `${count}`]);
}

/** MiB of a process: what is resident now, of that what is not of files, and the most since it was asked to forget. */
export async function memoryOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const [now, anonymous, peak] = ["VmRSS", "RssAnon", "VmHWM"].map((name) => Number(status.match(new RegExp(`${name}:\\s+(\\d+)`))[1]) / 1024);
  return { now, anonymous, peak };
}

/** The service of Artifacts alone, on a data folder. */
export async function storeApp(data, env = {}) {
  const port = await freePort();
  const store = start("dotnet", [storeProgram, "serve", data, `${port}`], env);
  await store.says("ready");
  return { ...store, url: `http://127.0.0.1:${port}`, bearer: async () => `Authorization: Bearer ${await store.ask("token")}` };
}

/** nginx, serving a folder. */
export async function nginx(folder, workers) {
  const port = await freePort();
  const configuration = join(folder, "nginx.conf");
  await writeFile(configuration, `
    daemon off; ${process.getuid() === 0 ? "user root;" : ""} worker_processes ${workers}; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
    events { worker_connections 256; }
    http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
      uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s; server { listen 127.0.0.1:${port}; root ${folder}; } }`);
  const server = start("nginx", ["-c", configuration]);
  await run("curl", ["-sS", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", "-o", "/dev/null", `http://127.0.0.1:${port}/nginx.conf`]);
  return { ...server, url: `http://127.0.0.1:${port}` };
}

/** PostgreSQL on a folder, as one sets it up for a machine of 16 GiB and more that does nothing else, with a socket alone. */
export async function postgres(folder) {
  const programs = (await run("bash", ["-c", "dirname $(ls /usr/lib/postgresql/*/bin/initdb | tail -n 1)"])).stdout.trim();
  const own = process.getuid() === 0 ? ["runuser", ["-u", "postgres", "--"]] : ["env", []];
  const as = (program, ...args) => run(own[0], [...own[1], join(programs, program), ...args]);
  const data = join(folder, "postgres");
  await run("chmod", ["755", folder]);
  await mkdir(data);
  if (process.getuid() === 0) {
    await run("chown", ["postgres", data]);
  }
  await as("initdb", "-D", data, "-U", "garden", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8");
  const settings = {
    listen_addresses: "", unix_socket_directories: data, shared_buffers: "4GB", effective_cache_size: "12GB", work_mem: "128MB", maintenance_work_mem: "1GB", max_wal_size: "8GB",
    random_page_cost: "1.1", effective_io_concurrency: "200", jit: "off", plan_cache_mode: "force_custom_plan", max_parallel_maintenance_workers: "2",
  };
  await as("pg_ctl", "-D", data, "-w", "-l", join(data, "log"), "-o", Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`).join(" "), "start");
  const stop = () => as("pg_ctl", "-D", data, "-m", "fast", "-w", "stop");
  return { connection: `Host=${data};Username=garden;Database=postgres;Command Timeout=600`, stop };
}

export async function sha256(path) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
  }
  return hash.digest("hex");
}

/** A file of random bytes, and beside it its digest, which is answered. */
export async function makeFile(path, size) {
  const file = await open(path, "w");
  const block = Buffer.alloc(1 << 22);
  for (let written = 0; written < size; written += block.length) {
    randomFillSync(block);
    await file.write(block);
  }
  await file.close();
  const digest = await sha256(path);
  await writeFile(`${path}.sha256`, digest);
  return digest;
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
