// Runs in a worker thread: onnxruntime loads and infers synchronously, and the HTTP side must stay awake meanwhile.
import { parentPort, workerData } from 'node:worker_threads';
import ort from 'onnxruntime-node';

const session = await open();
parentPort.on('message', run);

async function open() {
  try {
    const opened = await ort.InferenceSession.create(workerData.path, {
      intraOpNumThreads: workerData.threads,
      logSeverityLevel: 3,
      // Threads that spin while they wait take the cores from the other engines of the machine.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    parentPort.postMessage({ inputs: opened.inputMetadata, outputs: opened.outputMetadata });
    return opened;
  } catch (error) {
    parentPort.postMessage({ error: error.message });
    return null;
  }
}

/** Tensors travel as {type, data, dims}: the runtime's own class does not survive the way between threads. */
async function run({ feeds, fetches }) {
  try {
    const tensors = Object.entries(feeds).map(([name, { type, data, dims }]) => [name, new ort.Tensor(type, data, dims)]);
    const results = await session.run(Object.fromEntries(tensors), fetches);
    parentPort.postMessage({ outputs: fetches.map((name) => plain(name, results[name])) });
  } catch (error) {
    parentPort.postMessage({ error: error.message });
  }
}

function plain(name, { type, data, dims }) {
  return { name, type, data, dims };
}
