// Clients by others, with their own copies of the standard protos, against our server.
// usage: node standard.mjs <host:port> <check>
import assert from 'node:assert/strict';
import grpc from '@grpc/grpc-js';
import health from 'grpc-health-check';
import { GrpcReflection } from 'grpc-js-reflection-client';

const [address, check] = process.argv.slice(2);
const insecure = grpc.credentials.createInsecure();
const HealthClient = grpc.makeClientConstructor(health.service, 'Health');

/** Finds a service through reflection alone, and calls it. */
async function greet(version) {
  const reflection = new GrpcReflection(address, insecure, {}, version);
  const services = await reflection.listServices();
  assert.ok(services.includes('modelgarden.reflected.Greeter'), String(services));
  const methods = await reflection.listMethods('modelgarden.reflected.Greeter');
  assert.deepEqual(methods.map(method => method.name), ['Greet']);

  const descriptor = await reflection.getDescriptorBySymbol('modelgarden.reflected.Greeter');
  const { Greeter } = descriptor.getPackageObject({ keepCase: true, longs: String }).modelgarden.reflected;
  const client = new Greeter(address, insecure);
  const sent = { text: 'hallo', base: { created: { seconds: '5', nanos: 6 } }, loud: true };
  const received = await new Promise((resolve, reject) =>
    client.Greet(sent, (error, answer) => (error ? reject(error) : resolve(answer))));
  assert.equal(received.text, 'hallo');
  assert.equal(received.base.created.nanos, 6);
  assert.equal(received.loud, true);

  await assert.rejects(reflection.getDescriptorBySymbol('nope.Nope'));
  client.close();
}

const checks = {
  'reflection v1': () => greet('v1'),

  'reflection v1alpha': () => greet('v1alpha'),

  'health check': async () => {
    const client = new HealthClient(address, insecure);
    const ask = service => new Promise(resolve =>
      client.Check({ service }, (error, answer) => resolve(error ? error.code : answer.status)));
    assert.equal(await ask(''), 'SERVING');
    assert.equal(await ask('sick'), 'NOT_SERVING');
    assert.equal(await ask('nope'), grpc.status.NOT_FOUND);
    client.close();
  },

  'health watch': async () => {
    const client = new HealthClient(address, insecure);
    const watch = client.Watch({ service: 'nope' });
    watch.on('error', () => {});
    const [first] = await new Promise(resolve => watch.once('data', answer => resolve([answer.status])));
    assert.equal(first, 'SERVICE_UNKNOWN');
    watch.cancel();
    client.close();
  },
};

await checks[check]();
console.log('passed');
process.exit(0);
