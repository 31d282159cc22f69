// How Python's huggingface_hub asks, byte for byte as far as it matters: old clients and new ones differ in how they write booleans and in their headers.
// HUB_URL, HUB_TOKEN, VERSION (0.20.3 or 1.28.0).
import { createHash, randomUUID } from "node:crypto";
import { setting, sha256 } from "./flow.mjs";

export const [url, token, version] = [setting("HUB_URL"), setting("HUB_TOKEN"), setting("VERSION")];
export const isOld = version.startsWith("0.");
export const LFS = "application/vnd.git-lfs+json";
export const flag = (value) => (isOld ? (value ? "True" : "False") : `${value}`);
/** How visibility is written where a repository is made. */
export const hidden = isOld ? { private: true } : { visibility: "private" };
const usual = { "user-agent": `unknown/None; hf_hub/${version}; python/3.11.2`, ...(isOld ? {} : { "x-amzn-trace-id": randomUUID() }) };

export async function send(method, path, { body, type, headers = {}, as = token } = {}) {
  const answer = await fetch(path.startsWith("http") ? path : url + path, {
    method, body, redirect: "manual", headers: { ...usual, ...(as ? { authorization: `Bearer ${as}` } : {}), ...(type ? { "content-type": type } : {}), ...headers },
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const json = answer.headers.get("content-type")?.includes("json") && bytes.length > 0 ? JSON.parse(bytes.toString()) : undefined;
  return { status: answer.status, header: (key) => answer.headers.get(key), bytes, text: bytes.toString(), json };
}

export const json = (method, path, value, more) => send(method, path, { body: JSON.stringify(value), type: "application/json", ...more });
export const form = (path, pairs) => send("POST", path, { body: new URLSearchParams(pairs).toString(), type: "application/x-www-form-urlencoded" });
export const refusal = ({ status, header, json: told }) => `${status} ${header("x-error-code") ?? "-"} ${status === 401 && header("x-error-code") === null ? header("x-error-message") : told?.error ?? header("x-error-message")}`;

const lines = (...values) => values.map(([key, value]) => JSON.stringify({ key, value })).join("\n");
/** A commit to a repository, of its header and what it does. */
export const commitTo = (api, values, revision = "main", query = "", more = {}) => send("POST", `${api}/commit/${revision}${query}`, { body: lines(...values), type: "application/x-ndjson", ...more });
export const small = (path, text) => ["file", { path, content: Buffer.from(text).toString("base64"), encoding: "base64" }];
export const lfsFile = (path, bytes) => ["lfsFile", { path, algo: "sha256", oid: sha256(bytes), size: bytes.length }];
export const blobId = (bytes) => createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");

/** A file as it is announced before it is sent. */
export const announced = (path, bytes) => ({ path, sample: bytes.subarray(0, 512).toString("base64"), size: bytes.length, ...(isOld ? { sha: sha256(bytes) } : {}) });

/** Asks where a large file is to be sent. */
export const batch = (repo, bytes, more = {}) => send("POST", `/${repo}.git/info/lfs/objects/batch`, {
  body: JSON.stringify({ operation: "upload", transfers: ["basic", "multipart"], objects: [{ oid: sha256(bytes), size: bytes.length }], hash_algo: "sha256", ref: { name: "main" } }),
  type: LFS, headers: { accept: LFS }, ...more,
});

/** Asks whether a large file has come. */
export const verify = (href, bytes, more = {}) => json("POST", href, { oid: sha256(bytes), size: bytes.length }, more);
