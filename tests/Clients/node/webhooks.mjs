// A webhook that is told of a commit made with the hub's client: what it receives is verified with the library of the Standard Webhooks specification.
// HUB_URL, HUB_TOKEN, REPO (made and deleted here).
import { createServer } from "node:http";
import { createRepo, deleteRepo, uploadFile } from "@huggingface/hub";
import { Webhook } from "standardwebhooks";
import { hub, run, setting } from "./flow.mjs";

const secret = `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")}`;
const call = async (method, path, body) => {
  const headers = { authorization: `Bearer ${setting("HUB_TOKEN")}`, "content-type": "application/json" };
  const answer = await fetch(`${setting("HUB_URL")}/api/settings/webhooks${path}`, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, json: await answer.json() };
};

/** A server, and a promise of the first request that comes to it. */
async function receiver() {
  let take;
  const received = new Promise((resolve) => (take = resolve));
  const server = createServer(async (request, answer) => {
    const parts = await request.toArray();
    answer.end("taken");
    take({ headers: request.headers, body: Buffer.concat(parts).toString() });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { received, url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

await run(async () => {
  const repo = setting("REPO");
  await createRepo({ ...hub(), repo });
  const { received, url, close } = await receiver();
  const { json: { webhook } } = await call("POST", "", { url, watched: [{ type: "model", name: repo }], domains: ["repo"], secret });
  const { commit } = await uploadFile({ ...hub(), repo, file: { path: "a.txt", content: new Blob(["a"]) } });

  const { headers, body } = await received;
  const payload = new Webhook(secret).verify(body, headers);
  const forged = (() => {
    try {
      return new Webhook(secret).verify(body.replace("update", "delete"), headers);
    } catch (error) {
      return error.message;
    }
  })();
  close();
  let log;
  // What has arrived is in the log a moment later.
  do {
    log = (await call("GET", `/${webhook.id}/deliveries`)).json;
  } while (log[0].status === "waiting");
  const shown = (await call("GET", `/${webhook.id}`)).json.webhook;
  const deleted = (await call("DELETE", `/${webhook.id}`)).status;
  await deleteRepo({ ...hub(), repo });
  return { commit: commit.oid, payload, forged, plain: headers["x-webhook-secret"] === secret, log, same: JSON.stringify(shown) === JSON.stringify(webhook), deleted };
});
