// A model from its upload to the garden and back: submitted, given back, mended, reviewed by another, published, changed, deprecated and taken down,
// and at each step what the hub's client of somebody elsewhere sees of it. What a hub does not have is asked of the garden's REST.
// HUB_URL, HUB_TOKEN (of the owner), CURATOR and READER (tokens), REPO, SUCCESSOR, FOLDER.
import { createRepo, downloadFile, listModels, modelInfo, uploadFile, uploadFiles } from "@huggingface/hub";
import { filesBelow, hub, run, setting } from "./flow.mjs";

const repo = setting("REPO");
const at = { ...hub(), repo };
const [reader, curator] = [setting("READER"), setting("CURATOR")];
const garden = async (token, place, body) => {
  const headers = { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}) };
  const answer = await fetch(`${setting("HUB_URL")}/garden/v1/repositories/${repo}/${place}`, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
};
const step = async (token, action, more = {}) => {
  const { status, body } = await garden(token, "lifecycle", { action: `LIFECYCLE_ACTION_${action}`, ...more });
  return status === 200 ? body.lifecycle : `${status} ${body.error.reason}`;
};
const owner = (action, more) => step(setting("HUB_TOKEN"), action, more);
const review = (action, more) => step(curator, action, more);
const seen = () => modelInfo({ ...hub(), accessToken: reader, name: repo, additionalFields: ["sha"] }).then(({ sha }) => sha, (error) => error.statusCode);
const card = (accessToken, revision) => downloadFile({ ...at, accessToken, path: "README.md", revision }).then((file) => file?.text() ?? null, (error) => error.statusCode);
const put = async (path, text) => (await uploadFile({ ...at, file: { path, content: new Blob([text]) } })).commit.oid;
// Files are examined, and found by lists, a moment after they have come: asked until they are.
const until = async (ask, happened) => {
  for (;;) {
    const found = await ask();
    if (happened(found)) {
      return found;
    }
  }
};
const checked = async () => (await until(() => garden(setting("HUB_TOKEN"), "checks"), ({ body }) => body.passed || !body.checks.some((check) => check.problems.some((problem) => problem.includes("examined"))))).body;
const found = async () => {
  for await (const model of listModels({ ...hub(), accessToken: reader, search: { owner: repo.split("/")[0], query: repo.split("/")[1] } })) {
    if (model.name === repo) {
      return model.name;
    }
  }
};

await run(async () => {
  await createRepo(at);
  const result = { bare: await owner("SUBMIT") };
  const first = (await uploadFiles({ ...at, files: await filesBelow(setting("FOLDER")) })).commit.oid;
  result.checks = await checked();
  result.unseen = await seen();

  result.submitted = [await owner("SUBMIT"), await owner("APPROVE"), await review("PUBLISH"), await review("START_REVIEW"), await review("REQUEST_CHANGES"), await review("REQUEST_CHANGES", { comment: "Say what it is for" })];
  const text = `${await card(setting("HUB_TOKEN"))}\n## Use\n\nTo read digits.\n`;
  const mended = await put("README.md", text);
  await checked();
  result.again = [await owner("SUBMIT"), await review("START_REVIEW"), await review("APPROVE"), await seen(), await review("PUBLISH")];
  result.published = [(await seen()) === mended, (await card(reader)) === text, await card(reader, first), await until(found, (name) => name === repo)];

  const later = await put("notes.txt", "not for others yet");
  result.later = [(await seen()) === mended, (await modelInfo({ ...hub(), name: repo, additionalFields: ["sha"] })).sha === later, await downloadFile({ ...at, accessToken: reader, path: "notes.txt" }).then((file) => file, (error) => error.statusCode)];

  result.deprecated = [await review("DEPRECATE", { comment: "There is a better one", successor: setting("SUCCESSOR") }), (await seen()) === mended];
  result.takenDown = [await review("TAKE_DOWN", { comment: "It was withdrawn by its authors" }), await until(seen, (sha) => sha !== mended), await card(reader)];

  result.ownHistory = (await garden(setting("HUB_TOKEN"), "lifecycle")).status;
  result.history = (await garden(curator, "lifecycle")).body.steps.map((one) => `${one.account} ${one.action.replace("LIFECYCLE_ACTION_", "")}${one.comment ? `: ${one.comment}` : ""}`);
  result.verification = (await garden(curator, "lifecycle/verification")).body;
  result.elsewhere = (await garden(reader, "lifecycle")).status;
  return result;
});
