import { parseArgs } from 'node:util';

/** A command line that cannot be meant; its message says what to change. */
export class OptionError extends Error {}

const shared = {
  model: { type: 'string' },
  alias: { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string' },
  socket: { type: 'string' },
  parallel: { type: 'string' },
  queue: { type: 'string' },
  threads: { type: 'string' },
  'drain-seconds': { type: 'string', default: '30' },
  'exit-with-parent': { type: 'boolean', default: false },
};

/** Reads the options every engine has, and the extra ones of this engine (name -> parseArgs description). */
export function readOptions(args, extra, defaults) {
  const { values } = parse(args, { ...shared, ...extra });
  if (!values.model) throw new OptionError('--model FILE is required');
  if ((values.port === undefined) === (values.socket === undefined)) {
    throw new OptionError('give either --port N (0: any free one) or --socket PATH');
  }
  return {
    ...values,
    alias: values.alias ?? 'model',
    port: values.port === undefined ? undefined : wholeNumber('port', values.port, 0, 65_535),
    parallel: wholeNumber('parallel', values.parallel ?? String(defaults.parallel), 1, 256),
    queue: wholeNumber('queue', values.queue ?? '64', 0, 100_000),
    threads: values.threads === undefined ? undefined : wholeNumber('threads', values.threads, 1, 1024),
    drainSeconds: wholeNumber('drain-seconds', values['drain-seconds'], 0, 3_600),
    exitWithParent: values['exit-with-parent'],
  };
}

export function wholeNumber(name, text, min, max) {
  if (!/^\d{1,9}$/.test(text) || Number(text) < min || Number(text) > max) {
    throw new OptionError(`--${name} must be a whole number from ${min} to ${max}, not "${text}"`);
  }
  return Number(text);
}

function parse(args, options) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: false });
  } catch (error) {
    if (error.code?.startsWith('ERR_PARSE_ARGS')) throw new OptionError(error.message);
    throw error;
  }
}
