// What every flow does alike: settings from the environment, one line of JSON as its result, exit code 0 if it did what it is there for.
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";

export function setting(name, usual) {
  const value = process.env[name] ?? usual;
  if (value === undefined) {
    throw new Error(`${name} is not set`);
  }
  return value;
}

/** Where the hub is and who asks, as every call of the hub's client takes it. */
export function hub() {
  const token = setting("HUB_TOKEN", "");
  return { hubUrl: setting("HUB_URL"), ...(token ? { accessToken: token } : {}) };
}

/** The files below a folder, as the hub's client takes them. */
export async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((file) => ({ path: relative(folder, file).split(sep).join("/"), content: pathToFileURL(file) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

export const sha256 = (buffer) => createHash("sha256").update(Buffer.from(buffer)).digest("hex");

export async function run(flow) {
  try {
    console.log(JSON.stringify({ ok: true, ...(await flow()) }));
  } catch (error) {
    const { message, statusCode, status, code, requestId, data, cause } = error;
    console.log(JSON.stringify({ ok: false, message, status: statusCode ?? status, code, requestId, data, cause: cause?.message }));
    process.exitCode = 1;
  }
}
