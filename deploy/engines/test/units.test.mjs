import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientGone, HttpError } from '../common/errors.mjs';
import { Slots } from '../common/slots.mjs';
import { TextStream } from '../gguf/text.mjs';
import { fromHalf, readTensor, toHalf, writeTensor } from '../onnx/tensors.mjs';

const never = new AbortController().signal;

test('slots serve waiting requests first in, first out', async () => {
  const slots = new Slots(['only'], 3);
  const order = [];
  const gates = [1, 2, 3].map(() => deferred());
  const running = gates.map((gate, index) => slots.use(never, async () => {
    order.push(index);
    await gate.promise;
  }));

  assert.equal(slots.taken, 1);
  assert.equal(slots.waiting, 2);
  gates.forEach((gate) => gate.resolve());
  await Promise.all(running);

  assert.deepEqual(order, [0, 1, 2]);
  assert.equal(slots.taken, 0);
});

test('slots refuse what is over the bound and take back what a failing request held', async () => {
  const slots = new Slots(['only'], 0);
  const gate = deferred();
  const first = slots.use(never, () => gate.promise);

  await assert.rejects(slots.use(never, async () => {}), (error) => error instanceof HttpError && error.status === 503);
  gate.reject(new Error('broken'));
  await assert.rejects(first, /broken/);

  assert.equal(await slots.use(never, async (slot) => slot), 'only');
});

test('slots forget a waiting request whose client left', async () => {
  const slots = new Slots(['only'], 5);
  const gate = deferred();
  const first = slots.use(never, () => gate.promise);
  const client = new AbortController();
  const second = slots.use(client.signal, async () => assert.fail('must not run'));
  client.abort();

  await assert.rejects(second, ClientGone);
  assert.equal(slots.waiting, 0);
  gate.resolve();
  await first;
});

test('text holds back an incomplete character', () => {
  const bytes = [...Buffer.from('aé🎉b')];
  const text = new TextStream((tokens) => Buffer.from(tokens).toString('utf8'));

  const pieces = bytes.map((byte) => text.push(byte));

  assert.deepEqual(pieces, ['a', '', 'é', '', '', '', '🎉', 'b']);
  assert.equal(text.finish(), '');
});

test('text gives up on bytes that never become a character', () => {
  const text = new TextStream((tokens) => Buffer.from(tokens).toString('utf8'));

  const pieces = [0x80, 0x80, 0x80, 0x80].map((byte) => text.push(byte));

  assert.equal(pieces.join(''), '\ufffd'.repeat(4));
});

test('text ends before a stop sequence that spans tokens, and releases what only looked like one', () => {
  const stopAt = (stop, tokens) => {
    const text = new TextStream((pieces) => pieces.join(''), stop);
    const given = tokens.map((token) => (text.stopped ? '' : text.push(token))).join('') + text.finish();
    return [given, text.stopped];
  };

  assert.deepEqual(stopAt(['END'], ['one E', 'N', 'D two']), ['one ', true]);
  assert.deepEqual(stopAt(['END'], ['one E', 'N', 'ough']), ['one ENough', false]);
  assert.deepEqual(stopAt(['END', 'two'], ['one two END']), ['one ', true]);
  assert.deepEqual(stopAt(['END'], ['one EN']), ['one EN', false]);
});

test('halves round to the nearest, ties to even, and come back', () => {
  const pairs = [[0, 0], [-0, 0x8000], [1, 0x3c00], [-2, 0xc000], [65_504, 0x7bff], [65_520, 0x7c00], [2 ** -24, 1], [2 ** -14, 0x400],
    [2049, 0x6800], [2051, 0x6802], [0.1, 0x2e66], [2 ** -25, 0], [-Infinity, 0xfc00]];
  for (const [value, half] of pairs) assert.equal(toHalf(value), half, String(value));
  for (let half = 0; half < 0x7c00; half++) assert.equal(toHalf(fromHalf(half)), half);
  assert.ok(Number.isNaN(fromHalf(toHalf(NaN))));
});

test('tensors are read flat or nested, and say what they expected', () => {
  const wants = { name: 'x', datatype: 'INT64', shape: [-1, 2] };
  const read = (shape, data) => readTensor({ datatype: 'INT64', shape, data }, wants).data;

  assert.deepEqual([...read([2, 2], [1, 2, 3, 4])], [1n, 2n, 3n, 4n]);
  assert.deepEqual([...read([2, 2], [[1, 2], [3, 4]])], [1n, 2n, 3n, 4n]);
  assert.throws(() => read([2, 2], [[1, 2], [3]]), /input "x" expects INT64 of shape \[-1,2\], the nested data does not follow shape \[2,2\] at depth 1/);
  assert.throws(() => read([2, 2], [1, 2, 3]), /shape \[2,2\] is 4 elements, the request gives 3/);
  assert.throws(() => read([1, 2], [1, 2 ** 53]), /element 1 is 9007199254740992, not of the whole numbers/);
  assert.throws(() => read([1, 2], [1, 0.5]), /element 1 is 0.5/);
});

test('64-bit integers keep their digits on the way out', () => {
  const text = writeTensor({ name: 'y', type: 'int64', data: BigInt64Array.of(9_223_372_036_854_775_807n), dims: [1] });

  assert.equal(text, '{"name":"y","datatype":"INT64","shape":[1],"data":[9223372036854775807]}');
});

function deferred() {
  let resolve, reject;
  const promise = new Promise((good, bad) => ([resolve, reject] = [good, bad]));
  return { promise, resolve, reject };
}
