// A gRPC client by others (grpc-js) against the server of the tests.
// usage: node garden.mjs <host:port> <proto file> <check>
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { everyField, everyFieldInJson } from './every-field.mjs';

const [address, proto, check] = process.argv.slice(2);
const options = { keepCase: true, enums: String, includeDirs: [dirname(proto)] };
const load = more => grpc.loadPackageDefinition(loader.loadSync(proto, { ...options, ...more })).modelgarden.standins.v1.Garden;
const Garden = load({ longs: Number, defaults: true, oneofs: true });
const gzip = { 'grpc.default_compression_algorithm': 2, 'grpc.max_receive_message_length': 64 << 20 };
const client = new Garden(address, grpc.credentials.createInsecure(), gzip);

/** A message without the client's own classes. Keys of 64 bits it gives as eight characters of a byte each. */
const plain = value => {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [/^[^]{8}$/.test(key) && /[^a-z_]/.test(key)
    ? Buffer.from(key, 'latin1').readBigUInt64LE().toString() : key, plain(inner)]));
};

/** Calls a unary method and yields its answer or error with headers and status. */
const unary = (method, request, metadata = new grpc.Metadata(), options = {}) => new Promise(resolve => {
  const result = {};
  const call = client[method](request, metadata, options, (error, answer) => Object.assign(result, { error, answer }));
  call.on('metadata', headers => { result.headers = headers; });
  call.on('status', status => setImmediate(() => resolve({ ...result, status })));
});

/** Reads a stream to its end and yields the messages and the status. */
const readAll = stream => new Promise(resolve => {
  const messages = [];
  stream.on('data', message => messages.push(message));
  stream.on('error', () => {});
  stream.on('status', status => setImmediate(() => resolve({ messages, status })));
});

const checks = {
  'unary': async () => {
    const { answer } = await unary('Get', { name: 'llama' });
    assert.equal(answer.name, 'llama');
    assert.equal(answer.kind, 'KIND_LLM');
    assert.equal(answer.labels.team, 'nlp');
    assert.equal(answer.source, 'bucket');
    assert.deepEqual([...answer.digest], [1, 2, 3, 4]);
  },

  'every field': async () => {
    const exact = new (load({ longs: String }))(address, grpc.credentials.createInsecure());
    const { message, json } = await new Promise((resolve, reject) =>
      exact.Echo(everyField, (error, answer) => (error ? reject(error) : resolve(answer))));
    exact.close();
    assert.deepEqual(plain(message), plain(everyField));
    assert.deepEqual(JSON.parse(json), everyFieldInJson);
  },

  'gzip': async () => {
    const { answer } = await unary('Grow', { size: 1_000_000, padding: 'q'.repeat(50_000) });
    assert.equal(answer.name.length, 1_000_000);
  },

  'metadata': async () => {
    const metadata = new grpc.Metadata();
    metadata.set('x-tenant', 'acme');
    metadata.set('x-raw-bin', Buffer.from([255, 0, 1]));
    const { answer, headers, status } = await unary('Describe', {}, metadata);
    assert.equal(answer.headers['x-tenant'], 'acme');
    assert.equal(answer.headers['x-raw-bin'], 'FF0001');
    assert.match(answer.headers['user-agent'], /^grpc-node-js\//);
    assert.deepEqual(headers.get('x-early'), ['yes']);
    assert.deepEqual([...headers.get('x-early-bin')[0]], [9, 8]);
    assert.deepEqual(status.metadata.get('x-late'), ['also']);
  },

  'error': async () => {
    const { error } = await unary('Fail', { way: 'WAY_EXCEPTION', code: grpc.status.NOT_FOUND });
    assert.equal(error.code, grpc.status.NOT_FOUND);
    assert.equal(error.details, 'no such model: x é%');
    assert.deepEqual(error.metadata.get('x-reason'), ['missing']);
    assert.deepEqual([...error.metadata.get('x-detail-bin')[0]], [1, 2, 3, 250]);
  },

  'deadline': async () => {
    const { error } = await unary('Wait', {}, undefined, { deadline: Date.now() + 100 });
    assert.equal(error.code, grpc.status.DEADLINE_EXCEEDED);
  },

  'server stream': async () => {
    const { messages, status } = await readAll(client.List({ count: 1000, prefix: 'f' }));
    assert.equal(messages.length, 1000);
    assert.equal(messages[999].name, 'f999');
    assert.deepEqual(status.metadata.get('x-total'), ['1000']);
  },

  'client stream': async () => {
    const summary = await new Promise((resolve, reject) => {
      const upload = client.Upload((error, answer) => (error ? reject(error) : resolve(answer)));
      for (let i = 0; i < 10; i++) {
        upload.write({ data: Buffer.alloc(100_000) });
      }
      upload.end();
    });
    assert.deepEqual(summary, { bytes: 1_000_000, chunks: 10 });
  },

  'duplex': async () => {
    const watch = client.Watch();
    const all = readAll(watch);
    for (let i = 0; i < 100; i++) {
      watch.write({ name: `w${i}` });
    }
    watch.end();
    const { messages, status } = await all;
    assert.equal(messages.length, 100);
    assert.equal(messages[99].revision, 100);
    assert.equal(status.code, grpc.status.OK);
  },

  'cancel': async () => {
    const watch = client.Watch();
    const all = readAll(watch);
    watch.once('data', () => watch.cancel());
    watch.write({ name: 'a' });
    assert.equal((await all).status.code, grpc.status.CANCELLED);
  },

  'unimplemented': async () => {
    const nothing = () => Buffer.alloc(0);
    const error = await new Promise(resolve =>
      client.makeUnaryRequest('/modelgarden.standins.v1.Garden/Nope', nothing, nothing, {}, resolve));
    assert.equal(error.code, grpc.status.UNIMPLEMENTED);
  },
};

await checks[check]();
console.log('passed');
client.close();
