// A streamed chat through Gateway and Serving beside the same engine called directly, in turns: time to first byte, tokens a second.
import { join } from "node:path";
import { adminToken, garden, median, root, row, spread, start, withFolder } from "./common.mjs";

const PAIRS = 60;
// Calls until the code in the way is compiled as it stays.
const WARM_UP = 40;
const TOKENS = 200;

async function measure(url, token) {
  const began = performance.now();
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ model: "kjv", stream: true, max_tokens: TOKENS, seed: 7, messages: [{ role: "user", content: "In the beginning" }] }),
  });
  // Pieces of text, and when the first and the last of them came: what is before is time to first byte, what is after is the end's bookkeeping.
  let [first, pieces, begun, ended] = [null, 0, 0, 0];
  for await (const chunk of response.body) {
    const now = performance.now();
    first ??= now - began;
    const found = Buffer.from(chunk).toString().split('"content":').length - 1;
    if (found > 0) {
      begun ||= now;
      ended = now;
      pieces += found;
    }
  }
  return { first, rate: (pieces - 1) / ((ended - begun) / 1000), tail: performance.now() - ended };
}

await withFolder(async (data) => {
  const host = await garden(data, { sample: true });
  const model = join(root, "deploy/samples/kjv-llama/kjv-llama-f16.gguf");
  const engine = start("node", [join(root, "deploy/engines/gguf/server.mjs"), "--model", model, "--alias", "kjv", "--port", "0"]);
  const direct = `http://127.0.0.1:${JSON.parse((await engine.says('"listening"')).line).port}`;
  await engine.says('"ready"');
  await host.call("POST", "/garden/v1/endpoints", { name: "kjv", repository: "garden/kjv-llama", file: "kjv-llama-f16.gguf" });
  const [own, peer] = [[], []];
  for (let pair = -WARM_UP; pair < PAIRS; pair++) {
    const [a, b] = [await measure(host.url, adminToken), await measure(direct, "none")];
    if (pair >= 0) {
      own.push(a);
      peer.push(b);
    }
  }
  await engine.stop();
  await host.stop();
  const differences = own.map(({ first }, i) => first - peer[i].first);
  const ratios = own.map(({ rate }, i) => rate / peer[i].rate);
  row("time to first byte, ms: through the garden", spread(own.map(({ first }) => first)), "");
  row("time to first byte, ms: engine alone", spread(peer.map(({ first }) => first)), "");
  row("difference, ms", spread(differences), "within 5");
  row(`tokens a second: through the garden / engine alone`, spread(ratios, 3), "at least 0.97");
  row("added to a token, µs", spread(own.map(({ rate }, i) => 1e6 / rate - 1e6 / peer[i].rate), 0), "");
  row("from the last token to the end, ms: through the garden", spread(own.map(({ tail }) => tail)), "");
  row("tokens a second: engine alone", median(peer.map(({ rate }) => rate)).toFixed(0), "");
});
