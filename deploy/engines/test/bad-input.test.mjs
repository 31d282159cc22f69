import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { Engine, KJV } from './engine.mjs';

const CHAT = '/v1/chat/completions';
const TEXT = '/v1/completions';
const VECTORS = '/v1/embeddings';
const messages = [{ role: 'user', content: 'a' }];
let engine;

before(async () => {
  engine = await Engine.start('gguf', ['--model', KJV, '--ctx-size', '64']);
});

after(() => engine.stop());

const refused = [
  [CHAT, 'not json', null, 'invalid_json'],
  [CHAT, '', null, 'invalid_json'],
  [CHAT, '[1]', null, 'invalid_json'],
  [CHAT, 'null', null, 'invalid_json'],
  [CHAT, {}, 'messages', 'invalid_value'],
  [CHAT, { messages: [] }, 'messages', 'invalid_value'],
  [CHAT, { messages: 'a' }, 'messages', 'invalid_value'],
  [CHAT, { messages: [null] }, 'messages[0]', 'invalid_value'],
  [CHAT, { messages: [{ role: 'king', content: 'a' }] }, 'messages[0].role', 'invalid_value'],
  [CHAT, { messages: [{ role: 'user' }] }, 'messages[0].content', 'invalid_value'],
  [CHAT, { messages: [{ role: 'user', content: 7 }] }, 'messages[0].content', 'invalid_value'],
  [CHAT, { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 'messages[0].content[0]', 'unsupported_parameter'],
  [CHAT, { messages: [{ role: 'user', content: '' }], model: 7 }, 'model', 'invalid_value'],
  [CHAT, { messages, max_tokens: 0 }, 'max_tokens', 'invalid_value'],
  [CHAT, { messages, max_tokens: 1.5 }, 'max_tokens', 'invalid_value'],
  [CHAT, { messages, max_completion_tokens: '7' }, 'max_completion_tokens', 'invalid_value'],
  [CHAT, { messages, temperature: 3 }, 'temperature', 'invalid_value'],
  [CHAT, { messages, temperature: 'hot' }, 'temperature', 'invalid_value'],
  [CHAT, { messages, top_p: -1 }, 'top_p', 'invalid_value'],
  [CHAT, { messages, seed: 0.5 }, 'seed', 'invalid_value'],
  [CHAT, { messages, frequency_penalty: 3 }, 'frequency_penalty', 'invalid_value'],
  [CHAT, { messages, n: 2 }, 'n', 'unsupported_parameter'],
  [CHAT, { messages, n: 0 }, 'n', 'invalid_value'],
  [CHAT, { messages, stop: '' }, 'stop', 'invalid_value'],
  [CHAT, { messages, stop: ['a', 7] }, 'stop', 'invalid_value'],
  [CHAT, { messages, stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop', 'invalid_value'],
  [CHAT, { messages, stream: 'yes' }, 'stream', 'invalid_value'],
  [CHAT, { messages, stream_options: { include_usage: true } }, 'stream_options', 'invalid_value'],
  [CHAT, { messages, stream: true, stream_options: { include_usage: 1 } }, 'stream_options.include_usage', 'invalid_value'],
  [CHAT, { messages, tools: [{ type: 'function' }] }, 'tools', 'unsupported_parameter'],
  [CHAT, { messages, logprobs: true }, 'logprobs', 'unsupported_parameter'],
  [CHAT, { messages, response_format: { type: 'json_object' } }, 'response_format', 'unsupported_parameter'],
  [CHAT, { messages, logit_bias: { 5: 1 } }, 'logit_bias', 'unsupported_parameter'],
  [CHAT, { messages: [{ role: 'user', content: 'word '.repeat(100) }] }, 'messages', 'context_length_exceeded'],
  [TEXT, {}, 'prompt', 'invalid_value'],
  [TEXT, { prompt: [] }, 'prompt', 'invalid_value'],
  [TEXT, { prompt: [1, 'a'] }, 'prompt', 'invalid_value'],
  [TEXT, { prompt: [1, 1024] }, 'prompt', 'invalid_value'],
  [TEXT, { prompt: ['a', 'b'] }, 'prompt', 'unsupported_parameter'],
  [TEXT, { prompt: 'a', echo: true }, 'echo', 'unsupported_parameter'],
  [TEXT, { prompt: 'a', suffix: 'b' }, 'suffix', 'unsupported_parameter'],
  [TEXT, { prompt: Array(64).fill(5) }, 'prompt', 'context_length_exceeded'],
  [VECTORS, {}, 'input', 'invalid_value'],
  [VECTORS, { input: '' }, 'input', 'invalid_value'],
  [VECTORS, { input: [] }, 'input', 'invalid_value'],
  [VECTORS, { input: [7, 'a'] }, 'input[0]', 'invalid_value'],
  [VECTORS, { input: 'a', encoding_format: 'hex' }, 'encoding_format', 'invalid_value'],
  [VECTORS, { input: 'a', dimensions: 3 }, 'dimensions', 'unsupported_parameter'],
  [VECTORS, { input: 'word '.repeat(100) }, 'input[0]', 'context_length_exceeded'],
];

for (const [path, body, param, code] of refused) {
  test(`${path} refuses ${(typeof body === 'string' ? body : JSON.stringify(body)).slice(0, 90)}`, async () => {
    const response = await engine.post(path, body);
    const { error } = await response.json();

    assert.equal(response.status, 400);
    assert.deepEqual({ param: error.param, code: error.code, type: error.type }, { param, code, type: 'invalid_request_error' });
    assert.ok(error.message.length > 10);
  });
}

test('an unknown endpoint is 404, a wrong method 405', async () => {
  assert.equal((await engine.get('/v2/models')).status, 404);
  assert.equal((await engine.post('/v1/audio/speech', {})).status, 404);
  const wrong = await engine.get(CHAT);
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get('allow'), 'POST');
});

test('a broken percent-encoding is 400', async () => {
  assert.equal((await engine.get('/v1/models/%ff')).status, 400);
});

test('a body over 4 MiB is 413, announced or not', async () => {
  const large = JSON.stringify({ messages: [{ role: 'user', content: 'a'.repeat(4 * 1024 * 1024) }] });
  const announced = await engine.post(CHAT, large);
  assert.equal(announced.status, 413);
  assert.equal((await announced.json()).error.code, 'body_too_large');
  assert.equal(await postInChunks(engine.url + CHAT, large), 413);
});

test('a large body to a wrong place is answered as well, and the connection stays', async () => {
  for (let attempt = 0; attempt < 3; attempt++) {
    assert.equal((await engine.post('/v1/nowhere', 'a'.repeat(8 * 1024 * 1024))).status, 404);
  }
});

test('the prompt may fill the context but for one token', async () => {
  const answer = await (await engine.post(TEXT, { prompt: Array(63).fill(300), max_tokens: 50 })).json();

  assert.deepEqual(answer.usage, { prompt_tokens: 63, completion_tokens: 1, total_tokens: 64 });
  assert.equal(answer.choices[0].finish_reason, 'length');
});

test('an answer carries the request id it was given', async () => {
  const given = await engine.post(TEXT, { prompt: 'a' }, { headers: { 'x-request-id': 'mine-7' } });
  assert.equal(given.headers.get('x-request-id'), 'mine-7');
  assert.match((await engine.get('/health')).headers.get('x-request-id'), /^req_[0-9a-f]{32}$/);
});

function postInChunks(url, body) {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }, (response) => {
      resolve(response.statusCode);
      response.resume();
    });
    sending.on('error', reject);
    for (let at = 0; at < body.length; at += 65_536) sending.write(body.slice(at, at + 65_536));
    sending.end();
  });
}
