// onnxruntime-node ships the libraries of every platform in one package: this removes those of the others.
import { readdir, rm } from 'node:fs/promises';

const root = new URL('./node_modules/onnxruntime-node/bin/', import.meta.url);

for (const api of await readdir(root)) {
  for (const platform of await readdir(new URL(`${api}/`, root))) {
    for (const arch of await readdir(new URL(`${api}/${platform}/`, root))) {
      const ours = platform === process.platform && arch === process.arch;
      if (!ours) await rm(new URL(`${api}/${platform}/${arch}/`, root), { recursive: true });
    }
  }
}
