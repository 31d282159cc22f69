import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { ClientGone, HttpError } from './errors.mjs';
import { log } from './events.mjs';

const DISCARD_LIMIT = 64 * 1024 * 1024;

/**
 * An HTTP/1.1 server over a table of routes. A route is {method, path: RegExp, name, handle(call)}; what `handle` returns is
 * sent as JSON with status 200, unless it answered by itself. `errorBody(error)` gives failures the shape of the engine's API.
 */
export class Api {
  #routes;
  #errorBody;
  #bodyLimit;
  #onAnswer;

  constructor({ routes, errorBody, bodyLimit, onAnswer }) {
    this.#routes = routes;
    this.#errorBody = errorBody;
    this.#bodyLimit = bodyLimit;
    this.#onAnswer = onAnswer;
    // Longer than the idle time of the proxies in front, so that it is they who close idle connections.
    this.server = createServer({ keepAliveTimeout: 150_000 }, (request, response) => this.#serve(request, response));
  }

  async #serve(request, response) {
    const started = performance.now();
    const abort = new AbortController();
    const call = { request, response, signal: abort.signal, readJson: () => readJson(request, this.#bodyLimit) };
    response.setHeader('x-request-id', requestId(request));
    response.on('close', () => {
      if (!response.writableFinished) abort.abort();
      this.#onAnswer(call.route?.name ?? 'unknown', abort.signal.aborted ? 499 : response.statusCode, (performance.now() - started) / 1000);
    });
    try {
      call.route = this.#find(call);
      const body = await call.route.handle(call);
      if (!response.headersSent) sendJson(response, 200, body);
    } catch (error) {
      await this.#answerError(call, error);
    }
  }

  #find(call) {
    call.url = new URL(call.request.url, 'http://engine');
    const matches = this.#routes.filter((route) => route.path.test(call.url.pathname));
    const route = matches.find(({ method }) => method === call.request.method);
    if (route) {
      call.params = decode(route.path.exec(call.url.pathname).groups ?? {});
      return route;
    }
    if (matches.length === 0) {
      throw new HttpError(404, `unknown endpoint: ${call.request.method} ${call.url.pathname}`, { code: 'unknown_endpoint' });
    }
    const allow = matches.map(({ method }) => method).join(', ');
    throw new HttpError(405, `${call.url.pathname} answers ${allow} only`, { code: 'method_not_allowed', headers: { allow } });
  }

  async #answerError({ response, request, signal }, error) {
    if (!response.headersSent) await discardBody(request);
    if (signal.aborted || error instanceof ClientGone) return;
    const known = error instanceof HttpError ? error : new HttpError(500, `the engine failed: ${error.message}`);
    if (!(error instanceof HttpError)) log(error.stack);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const headers = request.complete ? known.headers : { ...known.headers, connection: 'close' };
    sendJson(response, known.status, this.#errorBody(known), headers);
  }
}

export function sendJson(response, status, body, headers = {}) {
  sendText(response, status, JSON.stringify(body), 'application/json', headers);
}

export function sendText(response, status, text, contentType, headers = {}) {
  const bytes = Buffer.from(text);
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length, ...headers });
  response.end(bytes);
}

async function readJson(request, limit) {
  const text = (await readBody(request, limit)).toString('utf8');
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new HttpError(400, `the body is not JSON: ${error.message}`, { code: 'invalid_json' });
    throw error;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new HttpError(400, 'the body must be a JSON object', { code: 'invalid_json' });
  }
  return value;
}

async function readBody(request, limit) {
  const tooLarge = () => new HttpError(413, `the body is over ${limit} bytes`, { code: 'body_too_large' });
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > limit) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error.code === 'ECONNRESET') throw new ClientGone();
    throw error;
  }
  return Buffer.concat(chunks);
}

/** Reads what is left of a body, within a bound: a client that is still sending does not see an answer before it has sent all. */
async function discardBody(request) {
  if (request.complete || request.destroyed) return;
  await new Promise((resolve) => {
    let left = DISCARD_LIMIT;
    request.on('data', (chunk) => (left -= chunk.length) < 0 && resolve()).on('end', resolve).on('close', resolve).resume();
  });
}

function decode(groups) {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, value && decodeURIComponent(value)]));
  } catch (error) {
    if (error instanceof URIError) throw new HttpError(400, 'the path is not valid percent-encoding');
    throw error;
  }
}

function requestId(request) {
  const given = request.headers['x-request-id'];
  return given && /^[\x21-\x7e]{1,128}$/.test(given) ? given : `req_${randomUUID().replaceAll('-', '')}`;
}
