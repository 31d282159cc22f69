import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { Engine, KJV } from './engine.mjs';
import { addMetadata } from './gguf-file.mjs';

const PROMPT = 'And the LORD said unto';
let engine, client, folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  engine = await Engine.start('gguf', ['--model', KJV, '--alias', 'garden/kjv']);
  client = clientOf(engine);
});

after(async () => {
  await engine.stop();
  await rm(folder, { recursive: true });
});

test('models are listed and found under the alias, slash and all', async () => {
  const page = await client.models.list();
  assert.deepEqual(page.data.map(({ id, object }) => ({ id, object })), [{ id: 'garden/kjv', object: 'model' }]);
  assert.equal((await client.models.retrieve('garden/kjv')).id, 'garden/kjv');
  await assert.rejects(client.models.retrieve('other'), (error) => error.status === 404 && error.code === 'model_not_found');
});

test('chat continues the contents when the model has no template', async () => {
  const answer = await chat({ max_tokens: 8, temperature: 0 });

  assert.equal(answer.object, 'chat.completion');
  assert.equal(answer.model, 'garden/kjv');
  assert.equal(answer.choices[0].message.role, 'assistant');
  assert.match(answer.choices[0].message.content, /^ Moses, /);
  assert.equal(answer.choices[0].finish_reason, 'length');
  assert.deepEqual(answer.usage, { prompt_tokens: 5, completion_tokens: 8, total_tokens: 13 });
});

test('chat joins several messages and text parts', async () => {
  const answer = await client.chat.completions.create({
    model: 'any', max_tokens: 1, temperature: 0,
    messages: [
      { role: 'developer', content: 'And the LORD' },
      { role: 'assistant', content: null },
      { role: 'user', content: [{ type: 'text', text: ' said' }, { type: 'text', text: ' unto' }] },
    ],
  });
  // Five tokens as in the prompt above, and a line end for each message but the last.
  assert.equal(answer.usage.prompt_tokens, 7);
});

test('the same seed gives the same text, another seed another', async () => {
  const text = async (seed) => (await chat({ max_tokens: 30, seed })).choices[0].message.content;

  assert.equal(await text(7), await text(7));
  assert.equal(await text(-7), await text(-7));
  assert.notEqual(await text(7), await text(8));
});

test('penalties change what is written', async () => {
  const text = async (frequency_penalty) => (await chat({ max_tokens: 40, temperature: 0, frequency_penalty })).choices[0].message.content;

  assert.notEqual(await text(0), await text(2));
});

test('a stop sequence ends the text before itself', async () => {
  const whole = (await chat({ max_tokens: 40, temperature: 0 })).choices[0].message.content;
  const one = await chat({ max_tokens: 40, temperature: 0, stop: 'saith' });
  const list = await chat({ max_tokens: 40, temperature: 0, stop: ['nowhere', 'oses, Th'] });

  assert.equal(one.choices[0].message.content, whole.slice(0, whole.indexOf('saith')));
  assert.equal(one.choices[0].finish_reason, 'stop');
  assert.equal(list.choices[0].message.content, ' M');
});

test('without max_tokens chat writes until the context is full', async () => {
  const answer = await chat({ temperature: 0 });

  assert.equal(answer.usage.total_tokens, 256);
  assert.equal(answer.choices[0].finish_reason, 'length');
});

test('a completion is sixteen tokens by default, from text or tokens', async () => {
  const fromText = await client.completions.create({ model: 'kjv', prompt: PROMPT, temperature: 0 });
  const fromList = await client.completions.create({ model: 'kjv', prompt: [PROMPT], temperature: 0 });

  assert.equal(fromText.object, 'text_completion');
  assert.deepEqual(fromText.usage, { prompt_tokens: 5, completion_tokens: 16, total_tokens: 21 });
  assert.equal(fromList.choices[0].text, fromText.choices[0].text);
  const fromTokens = await client.completions.create({ model: 'kjv', prompt: [5, 6, 7], max_tokens: 1 });
  assert.deepEqual(fromTokens.usage, { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 });
});

test('a streamed chat is the same text, in OpenAI\'s order of chunks', async () => {
  const whole = await chat({ max_tokens: 20, temperature: 0 });
  const chunks = await readEvents(await engine.post('/v1/chat/completions', {
    messages: [{ role: 'user', content: PROMPT }], max_tokens: 20, temperature: 0, stream: true, stream_options: { include_usage: true },
  }));

  assert.equal(chunks.at(-1), '[DONE]');
  const [first, ...rest] = chunks.slice(0, -1).map((chunk) => JSON.parse(chunk));
  const usage = rest.pop();
  const finish = rest.pop();
  assert.deepEqual(first.choices, [{ index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null }]);
  assert.ok(rest.length > 10);
  assert.ok(rest.every(({ choices: [{ delta, finish_reason }] }) => Object.keys(delta).join() === 'content' && finish_reason === null));
  assert.equal(rest.map(({ choices: [{ delta }] }) => delta.content).join(''), whole.choices[0].message.content);
  assert.deepEqual(finish.choices, [{ index: 0, delta: {}, logprobs: null, finish_reason: 'length' }]);
  assert.deepEqual({ choices: usage.choices, usage: usage.usage }, { choices: [], usage: whole.usage });
  assert.ok([first, ...rest, finish].every((chunk) => chunk.usage === null && chunk.object === 'chat.completion.chunk' && chunk.id === first.id));
});

test('with continuous usage each piece tells the tokens so far', async () => {
  const chunks = await readEvents(await engine.post('/v1/chat/completions', {
    messages: [{ role: 'user', content: PROMPT }], max_tokens: 5, temperature: 0, stream: true,
    stream_options: { include_usage: true, continuous_usage_stats: true },
  }));

  const counted = chunks.slice(1, -1).map((chunk) => JSON.parse(chunk).usage);
  const last = counted.at(-1);
  assert.equal(last.completion_tokens, 5);
  assert.ok(counted.every(({ prompt_tokens }) => prompt_tokens === last.prompt_tokens));
  assert.ok(counted.every(({ completion_tokens }, i) => i === 0 || completion_tokens >= counted[i - 1].completion_tokens));
});

test('the client library reads streams of both kinds', async () => {
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...request({ max_tokens: 10, temperature: 0 }), stream: true })) {
    assert.equal(chunk.usage, undefined);
    text += chunk.choices[0].delta.content ?? '';
  }
  let completion = '';
  for await (const chunk of await client.completions.create({ model: 'kjv', prompt: PROMPT, max_tokens: 10, temperature: 0, stream: true })) {
    completion += chunk.choices[0].text;
  }

  assert.match(text, /^ Moses, /);
  assert.equal(completion, text);
});

test('embeddings are unit vectors, the same in both encodings', async () => {
  const input = ['And God said', 'Let there be light'];
  const packed = await client.embeddings.create({ model: 'kjv', input });
  const plain = await client.embeddings.create({ model: 'kjv', input, encoding_format: 'float' });

  assert.deepEqual(packed.data.map(({ index, object }) => [index, object]), [[0, 'embedding'], [1, 'embedding']]);
  for (const at of [0, 1]) {
    assert.equal(plain.data[at].embedding.length, 128);
    assert.ok(Math.abs(Math.hypot(...plain.data[at].embedding) - 1) < 1e-6);
    assert.deepEqual([...packed.data[at].embedding], plain.data[at].embedding.map(Math.fround));
  }
  assert.notDeepEqual(plain.data[0].embedding, plain.data[1].embedding);
  assert.equal(plain.usage.prompt_tokens, (await promptTokens(input[0])) + (await promptTokens(input[1])));
});

test('base64 is little-endian float32', async () => {
  const body = { input: 'And God said' };
  const [{ embedding }] = (await (await engine.post('/v1/embeddings', body)).json()).data;
  const [{ embedding: packed }] = (await (await engine.post('/v1/embeddings', { ...body, encoding_format: 'base64' })).json()).data;

  const bytes = Buffer.from(packed, 'base64');
  assert.equal(bytes.length, 128 * 4);
  assert.equal(bytes.readFloatLE(0), Math.fround(embedding[0]));
});

test('requests in parallel do not disturb each other', async () => {
  const alone = (await chat({ max_tokens: 30, temperature: 0 })).choices[0].message.content;
  const together = await Promise.all(Array.from({ length: 12 }, () => chat({ max_tokens: 30, temperature: 0 })));

  assert.deepEqual(together.map(({ choices: [{ message }] }) => message.content), Array(12).fill(alone));
});

test('a client that leaves ends its generation', async () => {
  const left = 'engine_requests_total{route="chat",status="499"}';
  const before = await engine.metric(left);
  const stream = await client.chat.completions.create({ ...request({}), stream: true });
  for await (const chunk of stream) {
    assert.ok(chunk);
    break;
  }

  await engine.metricBecomes(left, before + 1);
  await engine.metricBecomes('engine_requests_running', 0);
});

test('metrics count tokens exactly', async () => {
  const [read, written] = [await engine.metric('engine_prompt_tokens_total'), await engine.metric('engine_generated_tokens_total')];
  await chat({ max_tokens: 9 , temperature: 0 });

  assert.equal(await engine.metric('engine_prompt_tokens_total'), read + 5);
  assert.equal(await engine.metric('engine_generated_tokens_total'), written + 9);
});

test('a model with a chat template is asked through it', async () => {
  const model = join(folder, 'template.gguf');
  const template = "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    + '[{{ m.role }}]{{ m.content }}{% endfor %}{% if add_generation_prompt %}[answer]{% endif %}';
  await addMetadata(KJV, model, { 'tokenizer.chat_template': template });
  const other = await Engine.start('gguf', ['--model', model]);
  const ask = (role) => clientOf(other).chat.completions.create({ model: 'any', messages: [{ role, content: PROMPT }], max_tokens: 1 });

  assert.equal((await ask('user')).usage.prompt_tokens, await promptTokens(`[user]${PROMPT}[answer]`));
  await assert.rejects(ask('system'), (error) => error.status === 400 && /no system role/.test(error.message));
  await other.stop();
});

test('a chat template nobody can read leaves completions working', async () => {
  const model = join(folder, 'broken.gguf');
  await addMetadata(KJV, model, { 'tokenizer.chat_template': '{% if %}' });
  const other = await Engine.start('gguf', ['--model', model]);

  assert.equal((await other.post('/v1/chat/completions', request({}))).status, 400);
  assert.equal((await other.post('/v1/completions', { prompt: PROMPT })).status, 200);
  await other.stop();
});

test('a model without causal attention embeds only', async () => {
  const model = join(folder, 'embedder.gguf');
  await addMetadata(KJV, model, { 'llama.attention.causal': false });
  const other = await Engine.start('gguf', ['--model', model]);

  const refused = await other.post('/v1/completions', { prompt: 'a' });
  assert.equal(refused.status, 400);
  assert.equal((await refused.json()).error.code, 'unsupported_endpoint');
  assert.equal((await clientOf(other).embeddings.create({ model: 'any', input: 'a' })).data.length, 1);
  await other.stop();
});

function clientOf({ url }) {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0 });
}

function request(fields) {
  return { model: 'kjv', messages: [{ role: 'user', content: PROMPT }], ...fields };
}

function chat(fields) {
  return client.chat.completions.create(request(fields));
}

async function promptTokens(prompt) {
  return (await client.completions.create({ model: 'kjv', prompt, max_tokens: 1 })).usage.prompt_tokens;
}

/** The data of each event; fails on anything that is no event. */
async function readEvents(response) {
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  const events = (await response.text()).split('\n\n');
  assert.equal(events.pop(), '');
  assert.ok(events.every((event) => event.startsWith('data: ')));
  return events.map((event) => event.slice('data: '.length));
}
