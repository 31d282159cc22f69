// A large file in parts, as Python's huggingface_hub sends it, and everything that can be wrong of it. HUB_URL, HUB_TOKEN, VERSION (0.20.3 or 1.28.0), REPO (made here, a model),
// PART_SIZE (the garden's, in bytes), OTHER (token of somebody of another organisation) and OTHER_REPO (his, made here).
import { randomBytes } from "node:crypto";
import { run, setting, sha256 } from "./flow.mjs";
import { LFS, announced, batch, commitTo, hidden, json, lfsFile, refusal, send, url, verify } from "./python.mjs";

const [repo, otherRepo, other, partSize] = [setting("REPO"), setting("OTHER_REPO"), { as: setting("OTHER") }, Number(setting("PART_SIZE"))];
const api = `/api/models/${repo}`;
// Addresses of uploads are followed without a token.
const unsigned = { as: "" };

async function create(name, more) {
  const [organization, own] = name.split("/");
  await json("POST", "/api/repos/create", { name: own, organization, ...hidden }, more);
}

/** Where to send a file and its parts: what clients read out of the answer to a batch. */
async function prepare(bytes, name = repo, more) {
  const { json: { transfer, objects: [object] } } = await batch(name, bytes, more);
  const { upload: { href, header = {} } = {}, verify: verified } = object.actions ?? {};
  const parts = Object.keys(header).filter((key) => /^\d+$/.test(key)).sort((a, b) => a - b).map((key) => header[key]);
  return { transfer, size: Number(header.chunk_size), parts, complete: href, verify: verified?.href };
}

const partOf = (bytes, number) => bytes.subarray((number - 1) * partSize, number * partSize);
const put = (href, body) => send("PUT", href, { body, ...unsigned });
const complete = (href, bytes, etags) => send("POST", href, {
  body: JSON.stringify({ oid: sha256(bytes), parts: etags.map(([partNumber, etag]) => ({ partNumber, etag })) }), type: LFS, headers: { accept: LFS }, ...unsigned,
});

/** Parts in this order: the number and ETag of each. */
async function putAll(upload, bytes, numbers) {
  const etags = [];
  for (const number of numbers) {
    etags.push([number, (await put(upload.parts[number - 1], partOf(bytes, number))).header("etag")]);
  }

  return etags;
}

async function inOrder() {
  const bytes = randomBytes(2 * partSize + 17);
  const preupload = await json("POST", `${api}/preupload/main`, { files: [announced("weights.bin", bytes)] });
  const upload = await prepare(bytes);
  const early = await verify(upload.verify, bytes);
  const etags = await putAll(upload, bytes, [1, 2, 3]);
  const completed = [await complete(upload.complete, bytes, etags), await complete(upload.complete, bytes, etags)];
  const late = await put(upload.parts[0], partOf(bytes, 1));
  const verified = await verify(upload.verify, bytes);
  const committed = await commitTo(api, [["header", { summary: "Upload it", description: "" }], lfsFile("weights.bin", bytes)]);
  const { header } = await send("HEAD", `/${repo}/resolve/main/weights.bin`, { headers: { "accept-encoding": "identity" } });
  const read = await send("GET", header("location"), unsigned);
  return {
    mode: preupload.json.files[0].uploadMode, upload: `${upload.transfer} ${upload.size} ${upload.parts.length} ${upload.parts.every((part) => part.startsWith(url))}`,
    early: refusal(early), etags: etags.every(([number, etag]) => etag === `"${sha256(partOf(bytes, number))}"`), completed: completed.map((one) => one.status), late: refusal(late),
    verified: verified.status, committed: committed.status, stored: (await prepare(bytes)).complete === undefined, read: sha256(read.bytes) === sha256(bytes) && Number(header("x-linked-size")) === bytes.length,
    foreign: await foreign(bytes, upload, etags),
  };
}

/** What somebody else can do with the knowledge of a file that is not his. */
async function foreign(bytes, upload, etags) {
  const own = await prepare(bytes, otherRepo, other);
  const session = (href) => href.match(/uploads\/([^/?]+)/)[1];
  return {
    batch: refusal(await batch(repo, bytes, other)), anonymous: refusal(await batch(repo, bytes, unsigned)), verify: refusal(await verify(upload.verify, bytes, other)),
    // He is not told that it is stored, and has an upload of his own.
    own: `${own.transfer} ${own.parts.length} ${session(own.complete) === session(upload.complete)}`, claimed: refusal(await complete(own.complete, bytes, etags)),
    crossed: refusal(await complete(own.complete.replace(session(own.complete), session(upload.complete)), bytes, etags)),
    committed: refusal(await commitTo(`/api/models/${otherRepo}`, [["header", { summary: "s" }], lfsFile("weights.bin", bytes)], "main", "", other)), verified: refusal(await verify(own.verify, bytes, other)),
  };
}

async function wrong() {
  const [bytes, others] = [randomBytes(2 * partSize + 5), randomBytes(2 * partSize + 5)];
  const upload = await prepare(bytes);
  const [[, third], [, first]] = await putAll(upload, bytes, [3, 1]);
  const [one, two, three] = upload.parts;
  const result = {
    missing: refusal(await complete(upload.complete, bytes, [[1, first], [2, first], [3, third]])),
    short: refusal(await put(two, partOf(bytes, 2).subarray(1))), forged: refusal(await put(`${two}A`, partOf(bytes, 2))), renumbered: refusal(await put(one.replace("/parts/1?", "/parts/2?"), partOf(bytes, 2))),
    beyond: refusal(await put(three.replace("/parts/3?", "/parts/4?"), partOf(bytes, 3))), asWhole: refusal(await put(upload.complete.replace("/complete?", "?"), bytes)), unfinished: refusal(await complete(`${upload.complete}A`, bytes, [])),
  };
  const [[, foreignPart]] = await putAll(upload, others, [2]);
  result.bytes = refusal(await complete(upload.complete, bytes, [[1, first], [2, foreignPart], [3, third]]));
  // All parts went with that; now in any order, and listed in another.
  const etags = new Map(await putAll(upload, bytes, [2, 3, 1]));
  result.etag = refusal(await complete(upload.complete, bytes, [[1, etags.get(1)], [2, etags.get(1)], [3, etags.get(3)]]));
  result.unlisted = refusal(await complete(upload.complete, bytes, [[1, etags.get(1)], [3, etags.get(3)]]));
  result.otherFile = refusal(await complete(upload.complete, others, [...etags]));
  result.shuffled = (await complete(upload.complete, bytes, [...etags])).status;
  result.verified = (await verify(upload.verify, bytes)).status;
  result.resized = refusal(await json("POST", upload.verify, { oid: sha256(bytes), size: bytes.length - 1 }));
  return result;
}

await run(async () => {
  await create(repo);
  await create(otherRepo, other);
  return { inOrder: await inOrder(), wrong: await wrong() };
});
