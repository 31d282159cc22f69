// A collection from its making to its end. What the hub's client has no function for is sent as the Python one sends it.
// HUB_URL, HUB_TOKEN, READER (another's token), NAMESPACE, REPOS (two models, comma between; the second is one that the reader may not see).
import { createCollection, deleteCollection, listCollections } from "@huggingface/hub";
import { hub, run, setting } from "./flow.mjs";
import { unexported } from "./unexported.mjs";

const { addCollectionItem } = await unexported("lib/add-collection-item");
const { collectionInfo } = await unexported("lib/collection-info");
const { deleteCollectionItem } = await unexported("lib/delete-collection-item");

const [namespace, repos] = [setting("NAMESPACE"), setting("REPOS").split(",")];
const title = `Test Collection ${crypto.randomUUID()}`;
const patch = async (path, body) => {
  const headers = { authorization: `Bearer ${setting("HUB_TOKEN")}`, "content-type": "application/json" };
  const answer = await fetch(`${setting("HUB_URL")}/api/collections/${path}`, { method: "PATCH", headers, body: JSON.stringify(body) });
  return { status: answer.status, ...(await answer.json()) };
};
const list = async (search, more = {}) => {
  const found = [];
  for await (const one of listCollections({ ...hub(), search, ...more })) {
    found.push(one);
  }
  return found;
};
const told = (error) => ({ status: error.statusCode, message: error.message, slug: error.data?.slug });
const lines = (collection) => collection.items.map((item) => `${item.position} ${item.type} ${item.id} ${item.note?.text ?? ""}`.trimEnd());

await run(async () => {
  const collection = { title, namespace, description: "This is a test collection", private: false };
  const { slug } = await createCollection({ ...hub(), collection });
  const again = await createCollection({ ...hub(), collection }).catch(told);
  await addCollectionItem({ ...hub(), slug, item: { type: "model", id: repos[0] }, note: "This is a <test> item" });
  await addCollectionItem({ ...hub(), slug, item: { type: "model", id: repos[1] } });
  const twice = await addCollectionItem({ ...hub(), slug, item: { type: "model", id: repos[0] } }).catch(told);
  const paper = await addCollectionItem({ ...hub(), slug, item: { type: "paper", id: "2510.04871" } }).catch(told);
  const missing = await addCollectionItem({ ...hub(), slug, item: { type: "dataset", id: repos[0] } }).catch(told);
  const filled = await collectionInfo({ ...hub(), slug });
  const reader = { hubUrl: setting("HUB_URL"), accessToken: setting("READER") };
  const result = {
    slug, again, twice, paper, missing, filled, lines: lines(filled),
    read: lines(await collectionInfo({ ...reader, slug })),
    anonymous: lines(await collectionInfo({ hubUrl: setting("HUB_URL"), slug })),
    byItem: (await list({ item: [`models/${repos[0]}`] })).map((one) => one.slug),
    byWords: (await list({ owner: [namespace], q: title.slice(5).toUpperCase() })).map((one) => lines(one)),
    byOthers: await list({ owner: ["nobody"], q: title }),
  };

  const { slug: second } = await createCollection({ ...hub(), collection: { ...collection, title: `${title} 2` } });
  // A page of one leads to the next by its link.
  const pages = await fetch(`${setting("HUB_URL")}/api/collections?limit=1&q=${encodeURIComponent(title)}`).then((answer) => answer.headers.get("link"));
  result.limited = (await list({ q: title }, { limit: 1, sort: "lastModified" })).map((one) => one.slug);
  result.next = (await (await fetch(pages.slice(1, pages.indexOf(">")))).json()).map((one) => one.slug);
  result.second = second;

  result.moved = await patch(`${slug}/items/${filled.items[1]._id}`, { position: 0, note: "now first" });
  result.renamed = await patch(slug, { title: `${title} new`, theme: "pink", private: true });
  result.arranged = lines(await collectionInfo({ ...hub(), slug }));
  result.hidden = await collectionInfo({ ...reader, slug }).catch(told);
  await deleteCollectionItem({ ...hub(), slug, itemId: filled.items[0]._id });
  result.left = lines(await collectionInfo({ ...hub(), slug: result.renamed.data.slug }));
  await deleteCollection({ ...hub(), slug });
  await deleteCollection({ ...hub(), slug: second });
  result.gone = await collectionInfo({ ...hub(), slug }).catch(told);
  return result;
});
