import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

const BYTES_PER_THREAD = 64 * 1024 * 1024;

/** A thread for each 64 MiB of the file, as many as there are cores at most: threads that share too little work only wait. */
export async function threadsFor(path) {
  const { size } = await stat(path);
  return Math.max(1, Math.min(availableParallelism(), Math.ceil(size / BYTES_PER_THREAD)));
}
