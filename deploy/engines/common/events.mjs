/** What an engine tells the process that started it: one JSON object a line on stdout. Everything else goes to stderr. */
export function emit(event, fields = {}) {
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
}

/** Reports a reason a person understands, then ends the process with 1. */
export function fail(reason) {
  process.stdout.write(`${JSON.stringify({ event: 'failed', reason })}\n`, () => process.exit(1));
}

export function log(message) {
  process.stderr.write(`${message}\n`);
}
