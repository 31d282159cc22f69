// Embeddings of several texts, in the client's usual encoding (base64) and as numbers. GARDEN_URL, GARDEN_TOKEN, MODEL.
import OpenAI from "openai";
import { run, setting } from "./flow.mjs";

await run(async () => {
  const client = new OpenAI({ baseURL: `${setting("GARDEN_URL")}/v1`, apiKey: setting("GARDEN_TOKEN"), maxRetries: 0 });
  const [model, input] = [setting("MODEL"), ["light", "darkness"]];
  const usual = await client.embeddings.create({ model, input });
  const plain = await client.embeddings.create({ model, input, encoding_format: "float" });
  return {
    count: usual.data.length,
    dimensions: usual.data.map((one) => one.embedding.length),
    largestDifference: Math.max(...usual.data.flatMap((one, i) => one.embedding.map((value, j) => Math.abs(value - plain.data[i].embedding[j])))),
    finite: usual.data.every((one) => one.embedding.every(Number.isFinite)),
    usage: usual.usage,
  };
});
