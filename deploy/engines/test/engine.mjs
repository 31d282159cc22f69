import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { after } from 'node:test';

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

export const KJV = folder('../../samples/kjv-llama/kjv-llama-f16.gguf');
export const DIGITS = folder('../../samples/digits/digits.onnx');
export const serverOf = (kind) => folder(`../${kind}/server.mjs`);

const running = new Set();

// An engine of a test that failed midway would keep the test process from ending.
after(() => running.forEach((child) => child.kill('SIGKILL')));

/** A running engine. It ends with this process at the latest: --exit-with-parent is always given. */
export class Engine {
  events = [];
  #waiting = [];

  /** Starts an engine and waits until it is ready, or until `event` instead. */
  static async start(kind, args, event = 'ready') {
    const engine = new Engine(kind, args);
    await engine.waitFor(event);
    return engine;
  }

  constructor(kind, args) {
    const where = args.includes('--socket') ? [] : ['--port', '0'];
    this.process = spawn(process.execPath, [serverOf(kind), ...where, '--exit-with-parent', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(this.process);
    this.process.on('exit', () => running.delete(this.process));
    this.exited = once(this.process, 'exit').then(([code, signal]) => ({ code, signal }));
    this.stderr = '';
    this.process.stderr.on('data', (chunk) => (this.stderr += chunk));
    createInterface({ input: this.process.stdout }).on('line', (line) => this.#take(JSON.parse(line))).on('close', () => this.#take(null));
  }

  get url() {
    return `http://127.0.0.1:${this.events.find(({ event }) => event === 'listening').port}`;
  }

  async waitFor(name) {
    const seen = this.events.find(({ event }) => event === name);
    if (seen) return seen;
    return new Promise((resolve, reject) => this.#waiting.push({ name, resolve, reject }));
  }

  async stop() {
    this.process.kill('SIGTERM');
    return this.exited;
  }

  post(path, body, options = {}) {
    return fetch(this.url + path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), ...options });
  }

  async get(path) {
    return fetch(this.url + path);
  }

  /** The value of one sample of /metrics, 0 when it is not there yet. */
  async metric(sample) {
    const text = await (await this.get('/metrics')).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${sample} `));
    return line === undefined ? 0 : Number(line.split(' ').at(-1));
  }

  /** Asks /metrics again and again until the sample has the value; the test's time limit bounds it. */
  async metricBecomes(sample, value) {
    while ((await this.metric(sample)) !== value);
  }

  #take(event) {
    if (event !== null) this.events.push(event);
    this.#waiting = this.#waiting.filter(({ name, resolve, reject }) => {
      if (event?.event === name) resolve(event);
      else if (event === null) reject(new Error(`the engine ended without "${name}": ${JSON.stringify(this.events)} ${this.stderr}`));
      else return true;
      return false;
    });
  }
}
