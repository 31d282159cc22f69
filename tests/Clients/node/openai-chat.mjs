// One chat and one completion. GARDEN_URL, GARDEN_TOKEN, MODEL, PROMPT, MAX_TOKENS (16).
import OpenAI from "openai";
import { run, setting } from "./flow.mjs";

await run(async () => {
  const client = new OpenAI({ baseURL: `${setting("GARDEN_URL")}/v1`, apiKey: setting("GARDEN_TOKEN"), maxRetries: 0 });
  const [model, prompt, limit] = [setting("MODEL"), setting("PROMPT", "In the beginning"), Number(setting("MAX_TOKENS", "16"))];
  const listed = [];
  for await (const one of client.models.list()) {
    listed.push(one.id);
  }
  const chat = await client.chat.completions.create({ model, max_tokens: limit, messages: [{ role: "user", content: prompt }] });
  const completion = await client.completions.create({ model, prompt, max_tokens: limit });
  return {
    models: listed,
    chat: { text: chat.choices[0].message.content, finish: chat.choices[0].finish_reason, usage: chat.usage, model: chat.model, requestId: chat._request_id },
    completion: { text: completion.choices[0].text, finish: completion.choices[0].finish_reason, usage: completion.usage },
  };
});
