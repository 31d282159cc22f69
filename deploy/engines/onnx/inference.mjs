import { readyModel } from '../common/engine.mjs';
import { HttpError } from '../common/errors.mjs';
import { sendJson, sendText } from '../common/http.mjs';
import { readTensor, writeTensor } from './tensors.mjs';

const MODEL = String.raw`^/v2/models/(?<name>[^/]+)(?:/versions/(?<version>[^/]+))?`;

/** The shape of every failure in the Open Inference Protocol. */
export function inferenceError({ message }) {
  return { error: message };
}

export function inferenceRoutes(state) {
  return [
    { method: 'GET', path: /^\/v2\/?$/, name: 'server', handle: () => ({ name: 'modelgarden-onnx', version: '1.0.0', extensions: [] }) },
    { method: 'GET', path: /^\/v2\/health\/live$/, name: 'live', handle: () => ({ live: true }) },
    { method: 'GET', path: /^\/v2\/health\/ready$/, name: 'ready', handle: ({ response }) => answerReady(response, state) },
    { method: 'GET', path: new RegExp(`${MODEL}/ready$`), name: 'model_ready', handle: (call) => answerModelReady(call, state) },
    { method: 'GET', path: new RegExp(`${MODEL}$`), name: 'metadata', handle: ({ params }) => describe(params, state) },
    { method: 'POST', path: new RegExp(`${MODEL}/infer$`), name: 'infer', handle: (call) => infer(call, state) },
  ];
}

function answerReady(response, { phase }) {
  sendJson(response, phase === 'ready' ? 200 : 503, { ready: phase === 'ready' });
}

function answerModelReady({ params, response }, state) {
  checkName(params, state);
  const ready = state.phase === 'ready';
  sendJson(response, ready ? 200 : 503, { name: state.options.alias, ready });
}

function describe(params, state) {
  checkName(params, state);
  const { inputs, outputs } = readyModel(state);
  return { name: state.options.alias, versions: ['1'], platform: 'onnx_onnxv1', inputs, outputs };
}

async function infer(call, state) {
  checkName(call.params, state);
  const model = readyModel(state);
  if (call.request.headers['inference-header-content-length'] !== undefined) throw binaryRefused();
  const { id, feeds, fetches } = readRequest(await call.readJson(), model);
  const outputs = await model.run(feeds, fetches, call.signal);
  const head = JSON.stringify({ model_name: state.options.alias, model_version: '1', ...(id === undefined ? {} : { id }) });
  sendText(call.response, 200, `${head.slice(0, -1)},"outputs":[${outputs.map(writeTensor).join(',')}]}`, 'application/json');
}

function checkName({ name, version }, state) {
  if (name !== state.options.alias) throw new HttpError(404, `there is no model "${name}" here, only "${state.options.alias}"`);
  if (version !== undefined && version !== '1') throw new HttpError(404, `model "${name}" has version 1 only, not "${version}"`);
}

function readRequest(body, model) {
  if (body.id !== undefined && typeof body.id !== 'string') throw new HttpError(400, 'id must be a string');
  return { id: body.id, feeds: readInputs(body, model.inputs), fetches: readOutputs(body, model.outputs) };
}

function readInputs(body, wanted) {
  const given = named(body.inputs, 'inputs');
  const unknown = [...given.keys()].find((name) => !wanted.some((input) => input.name === name));
  if (unknown !== undefined) throw new HttpError(400, `the model has no input "${unknown}", its inputs are ${names(wanted)}`);
  return Object.fromEntries(wanted.map((input) => {
    if (!given.has(input.name)) throw new HttpError(400, `input "${input.name}" is missing: ${input.datatype} of shape [${input.shape}]`);
    return [input.name, readTensor(given.get(input.name), input)];
  }));
}

function readOutputs(body, offered) {
  if (body.parameters?.binary_data_output) throw binaryRefused();
  if (body.outputs === undefined || body.outputs.length === 0) return offered.map(({ name }) => name);
  const asked = [...named(body.outputs, 'outputs').keys()];
  const unknown = asked.find((name) => !offered.some((output) => output.name === name));
  if (unknown !== undefined) throw new HttpError(400, `the model has no output "${unknown}", its outputs are ${names(offered)}`);
  return asked;
}

/** The entries of `list` by name. */
function named(list, field) {
  if (!Array.isArray(list)) throw new HttpError(400, `${field} must be a list`);
  const entries = new Map();
  for (const entry of list) {
    if (typeof entry?.name !== 'string') throw new HttpError(400, `each of ${field} needs a name, a string`);
    if (entries.has(entry.name)) throw new HttpError(400, `${field} has "${entry.name}" twice`);
    if (entry.parameters?.binary_data_size !== undefined || entry.parameters?.binary_data) throw binaryRefused();
    entries.set(entry.name, entry);
  }
  return entries;
}

function names(list) {
  return list.map(({ name }) => `"${name}"`).join(', ');
}

function binaryRefused() {
  return new HttpError(400, 'this engine does not have the binary tensor extension: send and ask for tensors as JSON data');
}
