/** An expected failure of a request: its HTTP status and what the client is told. */
export class HttpError extends Error {
  constructor(status, message, { type, param = null, code = null, headers = {} } = {}) {
    super(message);
    Object.assign(this, { status, type, param, code, headers });
  }
}

/** The client went away: nobody is left to answer. */
export class ClientGone extends Error {}
