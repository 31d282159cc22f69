import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readyModel } from '../common/engine.mjs';
import { HttpError } from '../common/errors.mjs';
import { readChat, readCompletion, readEmbeddings } from './requests.mjs';

/** The shape of every failure in the OpenAI API. */
export function openAiError({ status, message, type, param, code }) {
  return { error: { message, type: type ?? (status < 500 ? 'invalid_request_error' : 'server_error'), param, code } };
}

export function openAiRoutes(state) {
  return [
    { method: 'GET', path: /^\/v1\/models$/, name: 'models', handle: () => listModels(state) },
    { method: 'GET', path: /^\/v1\/models\/(?<id>.+)$/, name: 'models', handle: ({ params }) => getModel(state, params.id) },
    { method: 'POST', path: /^\/v1\/chat\/completions$/, name: 'chat', handle: (call) => chat(state, call) },
    { method: 'POST', path: /^\/v1\/completions$/, name: 'completions', handle: (call) => complete(state, call) },
    { method: 'POST', path: /^\/v1\/embeddings$/, name: 'embeddings', handle: (call) => embed(state, call) },
  ];
}

function listModels(state) {
  return { object: 'list', data: [describe(state)] };
}

function getModel(state, id) {
  if (id === state.options.alias) return describe(state);
  throw new HttpError(404, `the model "${id}" does not exist`, { param: 'model', code: 'model_not_found' });
}

function describe(state) {
  const model = readyModel(state);
  const meta = { n_ctx: model.contextSize, n_vocab: model.vocabularySize };
  return { id: state.options.alias, object: 'model', created: state.started, owned_by: 'modelgarden', meta };
}

async function chat(state, call) {
  const model = readyModel(state);
  const { messages, ...wanted } = readChat(await call.readJson());
  const answer = {
    prompt: fit(model, model.tokenize(model.chatPrompt(messages)), 'messages'),
    head: head('chatcmpl', wanted.stream ? 'chat.completion.chunk' : 'chat.completion', state),
    whole: (text) => ({ message: { role: 'assistant', content: text, refusal: null } }),
    first: { delta: { role: 'assistant', content: '' } },
    piece: (text) => ({ delta: { content: text } }),
    last: { delta: {} },
  };
  return wanted.stream ? stream(model, call, wanted, answer) : answerWhole(model, call, wanted, answer);
}

async function complete(state, call) {
  const model = readyModel(state);
  const { prompt, ...wanted } = readCompletion(await call.readJson(), model.vocabularySize);
  const tokens = typeof prompt === 'string' ? model.tokenize(prompt) : prompt;
  const answer = {
    prompt: fit(model, tokens, 'prompt'),
    head: head('cmpl', 'text_completion', state),
    whole: (text) => ({ text }),
    piece: (text) => ({ text }),
    last: { text: '' },
  };
  return wanted.stream ? stream(model, call, wanted, answer) : answerWhole(model, call, wanted, answer);
}

async function embed(state, call) {
  const model = readyModel(state);
  const { inputs, format } = readEmbeddings(await call.readJson(), model.vocabularySize);
  const tokens = inputs.map((input, index) => {
    const list = typeof input === 'string' ? model.tokenize(input) : input;
    model.checkLength(list.length, `input[${index}]`);
    return list;
  });
  const result = await model.embed(tokens, call.signal);
  return {
    object: 'list',
    data: result.vectors.map((vector, index) => ({ object: 'embedding', index, embedding: format === 'base64' ? base64(vector) : vector })),
    model: state.options.alias,
    usage: { prompt_tokens: result.tokens, total_tokens: result.tokens },
  };
}

function fit(model, tokens, param) {
  if (!model.generates) throw new HttpError(400, 'this model embeds only: ask /v1/embeddings', { code: 'unsupported_endpoint' });
  if (tokens.length === 0) throw new HttpError(400, `${param} must not be empty`, { param, code: 'invalid_value' });
  model.checkLength(tokens.length, param);
  return tokens;
}

function head(prefix, object, state) {
  const id = `${prefix}-${randomUUID().replaceAll('-', '')}`;
  return { id, object, created: Math.floor(Date.now() / 1000), model: state.options.alias };
}

async function answerWhole(model, call, wanted, answer) {
  const result = await model.generate(answer.prompt, wanted, call.signal);
  const choice = { index: 0, ...answer.whole(result.text), logprobs: null, finish_reason: result.finishReason };
  return { ...answer.head, choices: [choice], usage: usage(result) };
}

async function stream(model, call, wanted, answer) {
  const { response, signal } = call;
  const choice = (fields, finish_reason, counts) => ({
    ...answer.head, choices: [{ index: 0, ...fields, logprobs: null, finish_reason }], ...chunkUsage(wanted, counts),
  });
  const onStart = () => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    if (answer.first) writeEvent(response, choice(answer.first, null));
  };
  const onText = async (text, counts) => {
    if (text !== '' && !writeEvent(response, choice(answer.piece(text), null, counts))) await once(response, 'drain', { signal });
  };
  const result = await model.generate(answer.prompt, wanted, signal, onText, onStart);
  writeEvent(response, choice(answer.last, result.finishReason, result));
  if (wanted.includeUsage) writeEvent(response, { ...answer.head, choices: [], usage: usage(result) });
  response.end('data: [DONE]\n\n');
}

function writeEvent(response, body) {
  return response.write(`data: ${JSON.stringify(body)}\n\n`);
}

// With include_usage every chunk has a usage: null in all but the last, or the tokens so far where those are asked for too.
function chunkUsage({ includeUsage, continuousUsage }, counts) {
  if (!includeUsage) return {};
  return { usage: continuousUsage && counts ? usage(counts) : null };
}

function usage({ promptTokens, completionTokens }) {
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
}

function base64(vector) {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}
