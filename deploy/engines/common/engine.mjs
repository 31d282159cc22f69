import { createConnection } from 'node:net';
import { rm } from 'node:fs/promises';
import { HttpError } from './errors.mjs';
import { emit, fail } from './events.mjs';
import { Api, sendJson, sendText } from './http.mjs';
import { Metrics } from './metrics.mjs';
import { OptionError, readOptions } from './options.mjs';

/**
 * The life of an engine: read the options, listen, load the model, serve, stop. An engine is
 * {name, extraOptions, checkOptions(options), defaults: {parallel}, bodyLimit, errorBody(error), load(options, metrics, progress),
 * routes(state)}; `state.model` is what `load` gave, `state.phase` one of loading, ready, stopping.
 */
export async function runEngine(engine) {
  process.on('uncaughtException', (error) => fail(`${engine.name} broke: ${error.stack}`));
  try {
    const options = readOptions(process.argv.slice(2), engine.extraOptions ?? {}, engine.defaults);
    engine.checkOptions?.(options);
    if (options.exitWithParent) exitWithParent();
    const state = { phase: 'loading', model: null, options, started: Math.floor(Date.now() / 1000) };
    const metrics = new Metrics();
    const api = createApi(engine, state, metrics);
    await listen(api.server, options);
    stopOnSignal(api.server, state, options.drainSeconds);
    state.model = await engine.load(options, metrics, progressReporter());
    if (state.phase === 'loading') state.phase = 'ready';
    emit('ready');
  } catch (error) {
    fail(error instanceof OptionError ? `${engine.name}: ${error.message}` : error.message);
  }
}

/** The model, or the reason requests for it are refused at the moment. */
export function readyModel(state) {
  if (state.phase === 'ready') return state.model;
  const message = state.phase === 'loading' ? 'the model is still loading' : 'the engine is stopping';
  throw new HttpError(503, message, { type: 'unavailable_error', code: `engine_${state.phase}`, headers: { 'retry-after': '1' } });
}

function createApi(engine, state, metrics) {
  const requests = metrics.counter('engine_requests_total', 'Requests answered, by route and status; 499: the client left.');
  const seconds = metrics.counter('engine_request_seconds_total', 'Seconds spent answering, by route.');
  metrics.gauge('engine_ready', '1 while the engine serves.', () => (state.phase === 'ready' ? 1 : 0));
  metrics.gauge('engine_requests_running', 'Requests that hold a slot.', () => state.model?.slots.taken ?? 0);
  metrics.gauge('engine_queue_depth', 'Requests that wait for a slot.', () => state.model?.slots.waiting ?? 0);
  metrics.gauge('engine_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
  const api = new Api({
    routes: [
      { method: 'GET', path: /^\/health$/, name: 'health', handle: ({ response }) => answerHealth(response, state.phase) },
      {
        method: 'GET', path: /^\/metrics$/, name: 'metrics',
        handle: ({ response }) => sendText(response, 200, metrics.toString(), 'text/plain; version=0.0.4; charset=utf-8'),
      },
      ...engine.routes(state),
    ],
    errorBody: engine.errorBody,
    bodyLimit: engine.bodyLimit,
    onAnswer: (route, status, duration) => {
      requests.add(1, { route, status });
      seconds.add(duration, { route });
      if (state.phase === 'stopping') setImmediate(() => api.server.closeIdleConnections());
    },
  });
  return api;
}

function answerHealth(response, phase) {
  const status = { loading: 'loading model', ready: 'ok', stopping: 'stopping' }[phase];
  sendJson(response, phase === 'ready' ? 200 : 503, { status });
}

async function listen(server, options) {
  if (options.socket) await removeDeadSocket(options.socket);
  await new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(cannotListen(options, error))));
    server.listen(options.socket ? { path: options.socket } : { host: options.host, port: options.port }, resolve);
  });
  emit('listening', options.socket ? { socket: options.socket } : { port: server.address().port });
}

function cannotListen({ socket, host, port }, error) {
  const where = socket ?? `${host}:${port}`;
  return error.code === 'EADDRINUSE' ? `${where} is in use already` : `cannot listen on ${where}: ${error.message}`;
}

/** A killed engine leaves its socket file behind; one nobody answers on is removed. */
async function removeDeadSocket(path) {
  const dead = await new Promise((resolve) => {
    const probe = createConnection(path, () => resolve(false) || probe.destroy());
    probe.on('error', (error) => resolve(error.code === 'ECONNREFUSED'));
  });
  if (dead) await rm(path);
}

function stopOnSignal(server, state, drainSeconds) {
  const stop = () => {
    if (state.phase === 'stopping') return;
    const loading = state.phase === 'loading';
    state.phase = 'stopping';
    emit('stopping');
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    // A model that is still loading answers nobody: there is nothing to wait for.
    setTimeout(() => process.exit(0), loading ? 0 : drainSeconds * 1000).unref();
    server.prependListener('request', (request, response) => response.setHeader('connection', 'close'));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** The parent holds the other end of stdin: when it dies, however it dies, the system closes it. */
function exitWithParent() {
  const leave = () => process.exit(0);
  process.stdin.on('end', leave).on('close', leave).on('error', leave).resume();
}

/** Reports load progress in steps of a hundredth at least. */
function progressReporter() {
  let last = -1;
  return (progress) => {
    const rounded = Math.floor(progress * 100) / 100;
    if (rounded > last) emit('loading', { progress: last = rounded });
  };
}
