import { open } from 'node:fs/promises';
import { getLlama, InsufficientMemoryError } from 'node-llama-cpp';
import { log } from '../common/events.mjs';
import { threadsFor } from '../common/threads.mjs';

/** Loads the file with llama.cpp; a failure says in one sentence what is wrong with the file or the machine. */
export async function loadLlamaModel({ model: path, threads }, onLoadProgress) {
  await checkMagic(path);
  const journal = new Journal();
  const llama = await getLlama({
    // Only Apple's package brings a GPU; the CUDA and Vulkan packages are left out of the install.
    gpu: process.platform === 'darwin' && process.arch === 'arm64' ? 'auto' : false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: threads ?? (await threadsFor(path)),
    logger: (level, message) => journal.write(level, message),
  });
  try {
    return await llama.loadModel({ modelPath: path, onLoadProgress });
  } catch (error) {
    throw new Error(`cannot load ${path}: ${await reasonOf(error, journal)}`);
  }
}

async function checkMagic(path) {
  let file;
  try {
    file = await open(path);
  } catch (error) {
    throw new Error(error.code === 'ENOENT' ? `there is no file ${path}` : `cannot open ${path}: ${error.message}`);
  }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer.toString('latin1', 0, bytesRead) !== 'GGUF') throw new Error(`${path} is not a GGUF file: it does not start with "GGUF"`);
  } catch (error) {
    throw error.code === 'EISDIR' ? new Error(`${path} is a folder, not a GGUF file`) : error;
  } finally {
    await file.close();
  }
}

async function reasonOf(error, journal) {
  if (error instanceof InsufficientMemoryError) return `not enough memory: ${error.message}`;
  if (error.message !== 'Failed to load model') return error.message;
  const cause = await journal.cause();
  const architecture = /unknown model architecture: '(.*)'/.exec(cause)?.[1];
  return architecture === undefined ? cause : `llama.cpp does not support its architecture "${architecture}"`;
}

/** Keeps what llama.cpp logs: its exceptions carry no reason, the log does, and it arrives after the exception. */
class Journal {
  #errors = [];
  #complete;
  #whenComplete = new Promise((resolve) => (this.#complete = resolve));

  write(level, message) {
    log(`llama.cpp ${level}: ${message.trim()}`);
    if (level !== 'error' && level !== 'fatal') return;
    this.#errors.push(message.trim());
    if (message.includes('llama_model_load_from_file_impl: failed')) this.#complete();
  }

  async cause() {
    const patience = setTimeout(this.#complete, 2000);
    await this.#whenComplete;
    clearTimeout(patience);
    const errors = this.#errors.map((line) => line.replace(/^\w+: (error loading model: )?/, ''));
    return errors[0] ?? 'llama.cpp gave no reason';
  }
}
