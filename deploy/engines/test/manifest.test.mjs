import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { DIGITS, KJV } from './engine.mjs';

const root = new URL('../', import.meta.url);
const { engines } = JSON.parse(await readFile(new URL('engines.json', root), 'utf8'));

test('the manifest names each engine once, all fields given', () => {
  assert.deepEqual(engines.map(({ id }) => id), ['gguf-llama-server', 'gguf-node', 'onnx-node']);
  const fields = Object.keys(engines[0]);
  for (const engine of engines) assert.deepEqual(Object.keys(engine), fields);
});

for (const engine of engines.filter(({ install }) => install !== null)) {
  test(`${engine.id} starts as the manifest says, is installed where it says, and becomes ready`, async () => {
    for (const folder of [...engine.install.copy, engine.install.folder, engine.install.creates]) await access(new URL(folder, root));
    const values = { model: engine.formats[0] === 'gguf' ? KJV : DIGITS, alias: 'garden', port: '0' };
    const args = engine.arguments.map((argument) => argument.replace(/\{(\w+)\}/, (_, name) => values[name]));
    const child = spawn(engine.executable, args, { cwd: fileURLToPath(root), stdio: ['pipe', 'pipe', 'ignore'] });
    let port;
    for await (const line of createInterface({ input: child.stdout })) {
      const event = JSON.parse(line);
      port ??= event.port;
      if (event.event !== 'ready') continue;
      assert.equal((await fetch(`http://127.0.0.1:${port}${engine.readyPath}`)).status, 200);
      assert.equal((await fetch(`http://127.0.0.1:${port}${engine.metricsPath}`)).status, 200);
      child.stdin.end();
    }
    assert.notEqual(port, undefined);
  });
}
