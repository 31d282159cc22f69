// Lets Node 20 import TypeScript: the types are taken off, as Node does it by itself from version 22 on (but not of packages). Called by Node for whatever is imported.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import wasm from "@swc/wasm-typescript";

export function resolve(specifier, context, next) {
  const isWithoutEnding = specifier.startsWith(".") && context.parentURL?.endsWith(".ts") && !specifier.endsWith(".ts");
  return next(isWithoutEnding ? `${specifier}.ts` : specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith(".ts")) {
    return next(url, context);
  }

  const source = await readFile(fileURLToPath(url), "utf8");
  return { format: "module", shortCircuit: true, source: wasm.transformSync(source, { mode: "strip-only" }).code };
}
