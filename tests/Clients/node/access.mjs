// A gated model: asked for, let in, shut out again. Requests are sent as the Python client sends them: the hub's own has no functions for them.
// HUB_URL, HUB_TOKEN (who asks), OWNER (the owner's token), REPO, FILE, USER (who asks, by name).
import { downloadFile, modelInfo } from "@huggingface/hub";
import { hub, run, setting } from "./flow.mjs";

const [repo, path] = [setting("REPO"), setting("FILE")];
const send = async (token, place, method = "GET", body = undefined) => {
  const headers = { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}) };
  const answer = await fetch(`${setting("HUB_URL")}/${place}`, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
};
const owner = (place, method, body) => send(setting("OWNER"), `api/models/${repo}/${place}`, method, body);
const ask = (body) => send(setting("HUB_TOKEN"), `${repo}/ask-access`, "POST", body);
const download = async () => {
  try {
    return { bytes: (await (await downloadFile({ ...hub(), repo, path })).arrayBuffer()).byteLength };
  } catch (error) {
    return { status: error.statusCode, message: error.message };
  }
};
const until = async (happened) => {
  for (;;) {
    const found = await download();
    if (happened(found)) {
      return found;
    }
  }
};
const handle = (status, more = {}) => owner("user-access-request/handle", "POST", { user: setting("USER"), status, ...more });
const list = async (status) => (await owner(`user-access-request/${status}`)).body.map((request) => `${request.user.user} ${request.status}`);

await run(async () => {
  const result = { open: await download(), set: await owner("settings", "PUT", { gated: "manual" }) };
  result.gated = (await modelInfo({ ...hub(), name: repo })).gated;
  // Whoever had the file a moment ago, and by another replica: when the feed has told of the gate.
  result.unasked = await until((found) => found.status === 403);
  result.asked = await ask({});
  result.pending = [await list("pending"), await download()];
  result.accepted = [await handle("accepted"), await list("accepted")];
  result.opened = await until((found) => found.bytes > 0);
  result.again = await download();
  result.rejected = await handle("rejected", { rejectionReason: "not you" });
  result.shut = await until((found) => found.status === 403);
  result.askedAgain = await ask({});
  result.granted = await owner("user-access-request/grant", "POST", { user: setting("USER") });
  result.reopened = await until((found) => found.bytes > 0);
  result.unknown = await owner("user-access-request/grant", "POST", { user: "nobody-at-all" });
  result.meddling = await send(setting("HUB_TOKEN"), `api/models/${repo}/user-access-request/handle`, "POST", { user: setting("USER"), status: "accepted" });
  return result;
});
