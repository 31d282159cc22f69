// A language model of the garden's, run by @huggingface/transformers: private, pinned to a revision, and from the client's own cache the second time.
// HUB_URL, HUB_TOKEN, REPO (made here), FOLDER (a Llama in Transformers' layout), PROMPT.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createRepo, deleteFile, uploadFiles } from "@huggingface/hub";
import { env, pipeline } from "@huggingface/transformers";
import { hub, run, setting } from "./flow.mjs";
import { llamaAsOnnx } from "./llama-onnx.mjs";

const [repo, folder, prompt] = [setting("REPO"), setting("FOLDER"), setting("PROMPT")];
const cache = await mkdtemp(join(tmpdir(), "garden-transformers-"));
env.remoteHost = `${setting("HUB_URL")}/`;
env.allowLocalModels = false;
env.cacheDir = cache;

/** The client sends no token to any host but its own hub: whoever has another gives it one. What is asked for is written down. */
const withToken = (token, asked) => async (url, init = {}) => {
  const headers = new Headers(init.headers);
  if (token) {
    headers.set("authorization", `Bearer ${token}`);
  }
  const answer = await fetch(url, { ...init, headers });
  asked.push(`${headers.get("range") ?? "whole"} ${answer.status} ${new URL(url).pathname.replace(`/${repo}/resolve/`, "")}`);
  return answer;
};

async function load(revision, token = setting("HUB_TOKEN")) {
  const asked = [];
  env.fetch = withToken(token, asked);
  return { generator: await pipeline("text-generation", repo, { revision, dtype: "fp32" }), asked };
}

const refused = (promise) => promise.then(() => "loaded", (error) => error.message);

/** The tokens that are likeliest to come next, with the logarithms of their probabilities. */
async function next({ model, tokenizer }) {
  const { logits } = await model(tokenizer(prompt));
  const last = logits.tolist()[0].at(-1);
  const sum = Math.log(last.reduce((total, logit) => total + Math.exp(logit), 0));
  return last.map((logit, token) => ({ token: tokenizer.decode([token]), log: logit - sum })).sort((a, b) => b.log - a.log).slice(0, 5);
}

await run(async () => {
  await createRepo({ ...hub(), repo, visibility: "private" });
  const described = ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"].map((path) => ({ path, content: pathToFileURL(join(folder, path)) }));
  const files = [...described, { path: "onnx/model.onnx", content: new Blob([await llamaAsOnnx(folder)]) }];
  const { commit } = await uploadFiles({ ...hub(), repo, files });
  const result = { anonymous: await refused(load("main", "")), wrong: await refused(load("main", "hf_garden_wrong")) };

  const { generator, asked } = await load("main");
  const told = await generator(prompt, { max_new_tokens: 32, do_sample: false, return_full_text: false });
  Object.assign(result, { text: told[0].generated_text, next: await next(generator), asked });
  await generator.dispose();

  const again = await load("main");
  result.askedAgain = again.asked;
  await again.generator.dispose();
  await deleteFile({ ...hub(), repo, path: "onnx/model.onnx" });
  await rm(cache, { recursive: true });
  result.gone = await refused(load("main"));
  const pinned = await load(commit.oid);
  result.pinned = pinned.asked.every((one) => one.includes(commit.oid)) && (await next(pinned.generator))[0].token;
  await pinned.generator.dispose();
  await rm(cache, { recursive: true });
  return result;
});
