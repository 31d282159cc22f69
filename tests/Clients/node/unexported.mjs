// Functions that the hub's client has in its sources and not among its exports.
import { createRequire, register } from "node:module";
import { pathToFileURL } from "node:url";

register("./typescript.mjs", import.meta.url);
const client = pathToFileURL(createRequire(import.meta.url).resolve("@huggingface/hub"));

/** The module at this path below the client's `src`, such as `lib/collection-info`. */
export const unexported = (path) => import(new URL(`../src/${path}.ts`, client).href);
