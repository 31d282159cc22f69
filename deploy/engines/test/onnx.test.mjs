import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DIGITS, Engine } from './engine.mjs';
import { writeIdentity } from './onnx-file.mjs';

// The first three images of the UCI set of handwritten digits: a zero, a one, a two.
const IMAGES = [
  '00 00 05 13 09 01 00 00 00 00 13 15 10 15 05 00 00 03 15 02 00 11 08 00 00 04 12 00 00 08 08 00 00 05 08 00 00 09 08 00 00 04 11 00 01 12 07 00 00 02 14 05 10 12 00 00 00 00 06 13 10 00 00 00',
  '00 00 00 12 13 05 00 00 00 00 00 11 16 09 00 00 00 00 03 15 16 06 00 00 00 07 15 16 16 02 00 00 00 00 01 16 16 03 00 00 00 00 01 16 16 06 00 00 00 00 01 16 16 06 00 00 00 00 00 11 16 10 00 00',
  '00 00 00 04 15 12 00 00 00 00 03 16 15 14 00 00 00 00 08 13 08 16 00 00 00 00 01 06 15 11 00 00 00 01 08 13 15 01 00 00 00 09 16 16 05 00 00 00 00 03 13 16 16 11 05 00 00 00 00 03 11 16 09 00',
].map((text) => text.split(' ').map((ink) => Number(ink) / 16));
const INFER = '/v2/models/digits/infer';
let engine, folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  engine = await Engine.start('onnx', ['--model', DIGITS, '--alias', 'digits']);
});

after(async () => {
  await engine.stop();
  await rm(folder, { recursive: true });
});

test('health and metadata are those of the protocol', async () => {
  const body = async (path) => (await engine.get(path)).json();

  assert.equal((await engine.get('/v2/health/live')).status, 200);
  assert.equal((await engine.get('/v2/health/ready')).status, 200);
  assert.equal((await engine.get('/health')).status, 200);
  assert.deepEqual(await body('/v2/models/digits/ready'), { name: 'digits', ready: true });
  assert.deepEqual(await body('/v2'), { name: 'modelgarden-onnx', version: '1.0.0', extensions: [] });
  assert.deepEqual(await body('/v2/models/digits'), {
    name: 'digits', versions: ['1'], platform: 'onnx_onnxv1',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1, 8, 8] }],
    outputs: [{ name: 'logits', datatype: 'FP32', shape: [-1, 10] }],
  });
  assert.deepEqual(await body('/v2/models/digits/versions/1'), await body('/v2/models/digits'));
});

test('digits are recognized, in batches, flat or nested', async () => {
  const flat = await infer({ id: 'seven', inputs: [image({ shape: [3, 1, 8, 8], data: IMAGES.flat() })] });
  const nested = await infer({ inputs: [image({ shape: [3, 1, 8, 8], data: IMAGES.map((ink) => [rows(ink)]) })] });

  assert.deepEqual({ ...flat, outputs: undefined }, { model_name: 'digits', model_version: '1', id: 'seven', outputs: undefined });
  const [{ name, datatype, shape, data }] = flat.outputs;
  assert.deepEqual({ name, datatype, shape }, { name: 'logits', datatype: 'FP32', shape: [3, 10] });
  assert.deepEqual([0, 1, 2].map((at) => highest(data.slice(at * 10, at * 10 + 10))), [0, 1, 2]);
  assert.deepEqual(nested.outputs[0].data, data);
  assert.equal(nested.id, undefined);
});

test('outputs can be chosen', async () => {
  const answer = await infer({ inputs: [image({})], outputs: [{ name: 'logits' }] });

  assert.deepEqual(answer.outputs.map(({ name }) => name), ['logits']);
});

test('requests in parallel are all answered', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => infer({ id: `${at}`, inputs: [image({ data: IMAGES[at % 3] })] })));

  assert.deepEqual(answers.map(({ id, outputs: [{ data }] }) => [id, highest(data)]), answers.map((_, at) => [`${at}`, at % 3]));
  assert.ok((await engine.metric('engine_inferences_total')) >= 20);
});

const wants = 'input "x" expects FP32 of shape [-1,1,8,8], ';
const refused = [
  ['{', /the body is not JSON/],
  [{}, 'inputs must be a list'],
  [{ inputs: [] }, 'input "x" is missing: FP32 of shape [-1,1,8,8]'],
  [{ inputs: [{}] }, 'each of inputs needs a name, a string'],
  [{ inputs: [image({ name: 'y' })] }, 'the model has no input "y", its inputs are "x"'],
  [{ inputs: [image({}), image({})] }, 'inputs has "x" twice'],
  [{ inputs: [image({ datatype: 'INT64' })] }, `${wants}the request gives INT64`],
  [{ inputs: [image({ datatype: undefined })] }, `${wants}the request gives no datatype`],
  [{ inputs: [image({ shape: [1, 64] })] }, `${wants}the request gives shape [1,64]`],
  [{ inputs: [image({ shape: [1, 1, 8, 9] })] }, `${wants}the request gives shape [1,1,8,9]`],
  [{ inputs: [image({ shape: [-1, 1, 8, 8] })] }, `${wants}the request gives no shape, a list of whole numbers`],
  [{ inputs: [image({ shape: [2, 1, 8, 8] })] }, `${wants}shape [2,1,8,8] is 128 elements, the request gives 64`],
  [{ inputs: [image({ data: undefined })] }, `${wants}the request gives no data, a list`],
  [{ inputs: [image({ data: [[IMAGES[0]]] })] }, `${wants}the nested data does not follow shape [1,1,8,8] at depth 2`],
  [{ inputs: [image({ data: [...IMAGES[0].slice(1), '7'] })] }, `${wants}element 63 is "7", not of the numbers`],
  [{ inputs: [image({})], outputs: [{ name: 'odds' }] }, 'the model has no output "odds", its outputs are "logits"'],
  [{ inputs: [image({})], outputs: 'logits' }, 'outputs must be a list'],
  [{ inputs: [image({})], id: 7 }, 'id must be a string'],
  [{ inputs: [image({ parameters: { binary_data_size: 256 } })] }, /does not have the binary tensor extension/],
  [{ inputs: [image({})], outputs: [{ name: 'logits', parameters: { binary_data: true } }] }, /does not have the binary tensor extension/],
  [{ inputs: [image({})], parameters: { binary_data_output: true } }, /does not have the binary tensor extension/],
];

for (const [body, message] of refused) {
  test(`inference says: ${message}`, async () => {
    const response = await engine.post(INFER, body);
    const { error } = await response.json();

    assert.equal(response.status, 400);
    if (message instanceof RegExp) assert.match(error, message);
    else assert.equal(error, message);
  });
}

test('a binary body is refused by its header', async () => {
  const response = await engine.post(INFER, 'x', { headers: { 'inference-header-content-length': '7' } });

  assert.equal(response.status, 400);
  assert.match((await response.json()).error, /binary tensor extension/);
});

test('an unknown model, version or endpoint is 404', async () => {
  for (const path of ['/v2/models/other', '/v2/models/other/ready', '/v2/models/digits/versions/2', '/v2/repository/index']) {
    const response = await engine.get(path);
    assert.equal(response.status, 404);
    assert.equal(typeof (await response.json()).error, 'string');
  }
});

const types = [
  ['FP32', 1, [0.5, -(2 ** 100), 3]],
  ['UINT8', 2, [0, 255]],
  ['INT8', 3, [-128, 127]],
  ['UINT16', 4, [0, 65_535]],
  ['INT16', 5, [-32_768, 32_767]],
  ['INT32', 6, [-2_147_483_648, 2_147_483_647]],
  ['INT64', 7, [-9_007_199_254_740_991, 7]],
  ['BYTES', 8, ['', 'é "quoted" 🎉']],
  ['BOOL', 9, [true, false]],
  ['FP16', 10, [0.5, -65_504, 0.0999755859375]],
  ['FP64', 11, [0.1, -1e300]],
  ['UINT32', 12, [0, 4_294_967_295]],
  ['UINT64', 13, [0, 9_007_199_254_740_991]],
];

for (const [datatype, elementType, data] of types) {
  test(`${datatype} goes through unchanged`, async () => {
    const model = join(folder, `${datatype}.onnx`);
    await writeIdentity(model, elementType, ['n']);
    const other = await Engine.start('onnx', ['--model', model, '--alias', 'same/thing']);
    const path = '/v2/models/same%2Fthing';

    assert.deepEqual((await (await other.get(path)).json()).outputs, [{ name: 'out', datatype, shape: [-1] }]);
    const input = { name: 'in', datatype, shape: [data.length], data };
    const answer = await (await other.post(`${path}/infer`, { inputs: [input] })).json();
    assert.deepEqual(answer.outputs, [{ ...input, name: 'out' }]);
    await other.stop();
  });
}

test('an empty batch and a model without dimensions are served', async () => {
  const model = join(folder, 'scalar.onnx');
  await writeIdentity(model, 1, []);
  const other = await Engine.start('onnx', ['--model', model, '--alias', 'scalar']);
  const answer = await (await other.post('/v2/models/scalar/infer', { inputs: [{ name: 'in', datatype: 'FP32', shape: [], data: [7] }] })).json();

  assert.deepEqual(answer.outputs, [{ name: 'out', datatype: 'FP32', shape: [], data: [7] }]);
  assert.deepEqual((await infer({ inputs: [image({ shape: [0, 1, 8, 8], data: [] })] })).outputs[0].shape, [0, 10]);
  await other.stop();
});

function image(fields) {
  return { name: 'x', datatype: 'FP32', shape: [1, 1, 8, 8], data: IMAGES[0], ...fields };
}

function rows(ink) {
  return Array.from({ length: 8 }, (_, row) => ink.slice(row * 8, row * 8 + 8));
}

function highest(values) {
  return values.indexOf(Math.max(...values));
}

async function infer(body) {
  return (await engine.post(INFER, body)).json();
}
