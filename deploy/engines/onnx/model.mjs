import { access } from 'node:fs/promises';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { HttpError } from '../common/errors.mjs';
import { fail } from '../common/events.mjs';
import { Slots } from '../common/slots.mjs';
import { threadsFor } from '../common/threads.mjs';
import { datatypeOf } from './tensors.mjs';

/** A loaded model: what it takes and gives, and its slots, a worker thread with a session of its own each. */
export class OnnxModel {
  static async load({ model: path, parallel, queue, threads }, metrics) {
    await access(path).catch((error) => {
      throw new Error(error.code === 'ENOENT' ? `there is no file ${path}` : `cannot open ${path}: ${error.message}`);
    });
    const workerData = { path, threads: threads ?? (await threadsFor(path)) };
    const opened = await Promise.all(Array.from({ length: parallel }, () => openSession(workerData)));
    return new OnnxModel(opened[0], new Slots(opened.map(({ worker }) => worker), queue), metrics);
  }

  constructor({ inputs, outputs }, slots, metrics) {
    const strange = inputs.find((input) => !input.isTensor || datatypeOf(input.type) === undefined);
    if (strange) throw new Error(`input "${strange.name}" is no tensor of a type this engine serves (${strange.type ?? 'not a tensor'})`);
    this.inputs = inputs.map(describe);
    // Outputs that are no tensors, such as the label maps of some converters, cannot travel and are left out.
    this.outputs = outputs.filter((output) => output.isTensor && datatypeOf(output.type) !== undefined).map(describe);
    this.slots = slots;
    this.inferences = metrics.counter('engine_inferences_total', 'Runs of the model.');
    this.inferenceSeconds = metrics.counter('engine_inference_seconds_total', 'Seconds spent in the model.');
  }

  /** `feeds`: name -> {type, data, dims}; gives the outputs named, as {name, type, data, dims}. */
  run(feeds, fetches, signal) {
    return this.slots.use(signal, async (worker) => {
      const started = performance.now();
      worker.postMessage({ feeds, fetches });
      const [answer] = await once(worker, 'message');
      this.inferences.add(1);
      this.inferenceSeconds.add((performance.now() - started) / 1000);
      if (answer.error) throw new HttpError(400, `the model cannot run on these inputs: ${answer.error}`);
      return answer.outputs;
    });
  }
}

async function openSession(workerData) {
  const worker = new Worker(new URL('./session.mjs', import.meta.url), { workerData });
  worker.on('error', (error) => fail(`onnx-node: a session broke: ${error.message}`));
  const [answer] = await once(worker, 'message');
  if (answer.error) throw new Error(`cannot load ${workerData.path}: ${reasonOf(answer.error)}`);
  return { worker, ...answer };
}

function reasonOf(message) {
  if (message.includes('Protobuf parsing failed')) return 'it is not an ONNX file, or not a whole one';
  return message.replace(/^Load model from .* failed:\s*/, '');
}

function describe({ name, type, shape }) {
  return { name, datatype: datatypeOf(type), shape: shape.map((dim) => (typeof dim === 'number' ? dim : -1)) };
}
