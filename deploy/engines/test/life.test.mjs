import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { DIGITS, Engine, KJV, serverOf } from './engine.mjs';

// Long enough to be still running whenever a test looks.
const LONG = { input: Array(2000).fill('In the beginning God created the heaven and the earth. '.repeat(8)) };
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
});

after(() => rm(folder, { recursive: true }));

test('an engine says that it listens, how far it is, and that it is ready', async () => {
  const engine = await Engine.start('gguf', ['--model', KJV]);
  const names = engine.events.map(({ event }) => event);

  assert.equal(names[0], 'listening');
  assert.equal(names.at(-1), 'ready');
  const progress = engine.events.filter(({ event }) => event === 'loading').map((event) => event.progress);
  assert.ok(progress.length > 3 && progress.at(-1) === 1);
  assert.deepEqual(progress, [...progress].sort((a, b) => a - b));
  assert.deepEqual(await engine.stop(), { code: 0, signal: null });
});

test('health is 503 while the model loads, and so is everything else', async () => {
  const engine = await Engine.start('gguf', ['--model', KJV], 'listening');
  const [health, models] = await Promise.all([engine.get('/health'), engine.get('/v1/models')]);

  assert.deepEqual([health.status, await health.json()], [503, { status: 'loading model' }]);
  assert.deepEqual([models.status, (await models.json()).error.code], [503, 'engine_loading']);
  await engine.waitFor('ready');
  const ready = await engine.get('/health');
  assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ok' }]);
  await engine.stop();
});

const unloadable = [
  ['gguf', 'garbage.gguf', () => Buffer.alloc(5000, 7), /garbage\.gguf is not a GGUF file/],
  ['gguf', 'empty.gguf', () => Buffer.alloc(0), /is not a GGUF file/],
  ['gguf', 'truncated.gguf', async () => (await readFile(KJV)).subarray(0, 500_000), /corrupted or incomplete/],
  ['gguf', 'header.gguf', async () => (await readFile(KJV)).subarray(0, 2_000), /failed to read key-value pairs/],
  ['gguf', 'strange.gguf', async () => replaced(await readFile(KJV), 'llama', 'lllll'), /does not support its architecture "lllll"/],
  ['onnx', 'garbage.onnx', () => Buffer.alloc(5000, 7), /it is not an ONNX file, or not a whole one/],
  ['onnx', 'truncated.onnx', async () => (await readFile(DIGITS)).subarray(0, 30_000), /it is not an ONNX file, or not a whole one/],
];

for (const [kind, name, content, reason] of unloadable) {
  test(`${name} fails with a reason and exit code 1`, async () => {
    const model = join(folder, name);
    await writeFile(model, await content());
    await failsWith(kind, ['--model', model], reason);
  });
}

test('what cannot be meant fails with a reason and exit code 1', async () => {
  await failsWith('gguf', ['--model', join(folder, 'nowhere.gguf')], /there is no file/);
  await failsWith('onnx', ['--model', join(folder, 'nowhere.onnx')], /there is no file/);
  await failsWith('gguf', ['--model', folder], /is a folder/);
  await failsWith('gguf', [], /--model FILE is required/);
  await failsWith('gguf', ['--model', KJV, '--parallel', '0'], /--parallel must be a whole number from 1 to 256, not "0"/);
  await failsWith('gguf', ['--model', KJV, '--ctx-size', '1000'], /--ctx-size 1000 is over the 256 tokens/);
  await failsWith('onnx', ['--model', DIGITS, '--colour'], /--colour/);
});

test('a port in use fails with a reason', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address();

  await failsWith('gguf', ['--model', KJV, '--port', String(port)], /is in use already/);
  other.close();
});

test('an engine answers on a Unix socket, also on one a killed engine left behind', async () => {
  const socket = join(folder, 'engine.sock');
  const first = await Engine.start('onnx', ['--model', DIGITS, '--socket', socket]);
  assert.deepEqual(first.events[0], { event: 'listening', socket });
  assert.equal(await statusOver(socket, '/v2/health/ready'), 200);
  await failsWith('onnx', ['--model', DIGITS, '--socket', socket], /is in use already/);
  first.process.kill('SIGKILL');
  await first.exited;

  const second = await Engine.start('onnx', ['--model', DIGITS, '--socket', socket]);
  assert.equal(await statusOver(socket, '/v2/health/ready'), 200);
  await second.stop();
});

test('SIGTERM lets a running stream finish and ends with 0', async () => {
  const engine = await Engine.start('gguf', ['--model', KJV]);
  const response = await engine.post('/v1/completions', { prompt: 'And', max_tokens: 250, stream: true });
  const exited = engine.stop();

  assert.ok((await response.text()).endsWith('data: [DONE]\n\n'));
  assert.deepEqual(await exited, { code: 0, signal: null });
  await assert.rejects(engine.get('/health'));
});

test('SIGTERM waits no longer than --drain-seconds', async () => {
  const engine = await Engine.start('gguf', ['--model', KJV, '--drain-seconds', '0']);
  const broken = assert.rejects(engine.post('/v1/embeddings', LONG));
  await engine.metricBecomes('engine_requests_running', 1);

  assert.deepEqual(await engine.stop(), { code: 0, signal: null });
  await broken;
});

test('SIGTERM while the model loads ends with 0', async () => {
  const engine = await Engine.start('gguf', ['--model', KJV], 'listening');

  assert.deepEqual(await engine.stop(), { code: 0, signal: null });
});

test('a full queue is 503, a client that leaves frees its place', async () => {
  const engine = await Engine.start('gguf', ['--model', KJV, '--parallel', '1', '--queue', '1']);
  const [holder, waiter] = [new AbortController(), new AbortController()];
  const held = assert.rejects(engine.post('/v1/embeddings', LONG, { signal: holder.signal }));
  await engine.metricBecomes('engine_requests_running', 1);
  const waited = assert.rejects(engine.post('/v1/completions', { prompt: 'a' }, { signal: waiter.signal }));
  await engine.metricBecomes('engine_queue_depth', 1);

  const refused = await engine.post('/v1/completions', { prompt: 'a' });
  assert.deepEqual([refused.status, refused.headers.get('retry-after'), (await refused.json()).error.code], [503, '1', 'queue_full']);

  waiter.abort();
  await engine.metricBecomes('engine_queue_depth', 0);
  const next = engine.post('/v1/completions', { prompt: 'a' });
  await engine.metricBecomes('engine_queue_depth', 1);
  holder.abort();
  assert.equal((await next).status, 200);
  await Promise.all([held, waited]);
  await engine.stop();
});

for (const [kind, model] of [['gguf', KJV], ['onnx', DIGITS]]) {
  test(`the ${kind} engine ends when its parent is killed`, async () => {
    const parent = spawnParent([serverOf(kind), '--model', model, '--port', '0', '--exit-with-parent']);
    for await (const line of createInterface({ input: parent.stdout })) {
      // The engine shares the pipe: it closes, and this loop ends, when both are gone.
      if (JSON.parse(line).event === 'ready') parent.kill('SIGKILL');
    }
    assert.equal(parent.signalCode ?? (await once(parent, 'exit'))[1], 'SIGKILL');
  });
}

function spawnParent(args) {
  const script = `require('node:child_process').spawn(process.execPath, ${JSON.stringify(args)}, { stdio: ['pipe', 'inherit', 'ignore'] })`;
  return spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function failsWith(kind, args, reason) {
  const engine = new Engine(kind, args);
  const failed = await engine.waitFor('failed');
  assert.match(failed.reason, reason);
  assert.deepEqual(await engine.exited, { code: 1, signal: null });
}

function replaced(bytes, from, to) {
  bytes.write(to, bytes.indexOf(from, 0, 'latin1'), 'latin1');
  return bytes;
}

async function statusOver(socketPath, path) {
  const [response] = await once(request({ socketPath, path }).end(), 'response');
  response.resume();
  return response.statusCode;
}
