// What the client asks of repositories by name of the field. HUB_URL, HUB_TOKEN, REPO.
import { datasetInfo, listModels, modelInfo, spaceInfo } from "@huggingface/hub";
import { hub, run, setting } from "./flow.mjs";

async function names(params) {
  const found = [];
  for await (const model of listModels({ ...hub(), ...params })) {
    found.push(model.name);
  }
  return found;
}

await run(async () => {
  const name = setting("REPO");
  const owner = name.split("/")[0];
  const info = await modelInfo({
    ...hub(),
    name,
    additionalFields: ["config", "transformersInfo", "safetensors", "downloadsAllTime", "inferenceProviderMapping", "disabled", "spaces"],
  });
  const refused = async (call) => call.then(() => 200, (error) => error.statusCode);
  return {
    info,
    largest: await names({ search: { owner }, sort: "num_parameters" }),
    heaviest: await names({ search: { owner }, sort: "mainSize" }),
    trending: await names({ search: { owner }, sort: "trendingScore" }),
    runByOllama: await names({ search: { owner, apps: ["ollama", "other"] } }),
    runElsewhere: await names({ search: { owner, inferenceProviders: ["somebody"] } }),
    dataset: await refused(datasetInfo({ ...hub(), name, additionalFields: ["description", "citation", "paperswithcode_id", "downloadsAllTime"] })),
    space: await refused(spaceInfo({ ...hub(), name, additionalFields: ["runtime", "subdomain", "models", "datasets"] })),
    short: await refused(modelInfo({ ...hub(), name: "gpt2" })),
  };
});
