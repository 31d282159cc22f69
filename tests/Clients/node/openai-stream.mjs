// A streamed chat. GARDEN_URL, GARDEN_TOKEN, MODEL, PROMPT, MAX_TOKENS (16), STOP_AFTER (hang up after so many chunks; 0: never).
import OpenAI from "openai";
import { run, setting } from "./flow.mjs";

await run(async () => {
  const client = new OpenAI({ baseURL: `${setting("GARDEN_URL")}/v1`, apiKey: setting("GARDEN_TOKEN"), maxRetries: 0 });
  const stopAfter = Number(setting("STOP_AFTER", "0"));
  const started = performance.now();
  const stream = await client.chat.completions.create({
    model: setting("MODEL"), max_tokens: Number(setting("MAX_TOKENS", "16")), stream: true, stream_options: { include_usage: true },
    messages: [{ role: "user", content: setting("PROMPT", "In the beginning") }],
  });
  let [text, chunks, finish, usage, firstMilliseconds] = ["", 0, null, null, null];
  for await (const chunk of stream) {
    chunks++;
    firstMilliseconds ??= Math.round(performance.now() - started);
    text += chunk.choices[0]?.delta?.content ?? "";
    finish = chunk.choices[0]?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
    if (chunks === stopAfter) {
      break;
    }
  }
  return { text, chunks, finish, usage, firstMilliseconds };
});
