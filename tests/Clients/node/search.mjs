// Lists models. HUB_URL, HUB_TOKEN, and each if set: QUERY, OWNER, TASK, TAGS (comma between), SORT, LIMIT.
import { listModels } from "@huggingface/hub";
import { hub, run, setting } from "./flow.mjs";

await run(async () => {
  const tags = setting("TAGS", "");
  const search = {
    query: setting("QUERY", "") || undefined,
    owner: setting("OWNER", "") || undefined,
    task: setting("TASK", "") || undefined,
    tags: tags ? tags.split(",") : undefined,
  };
  const models = [];
  const limit = Number(setting("LIMIT", "1000"));
  const sort = setting("SORT", "") || undefined;
  for await (const model of listModels({ ...hub(), search, sort, limit, additionalFields: ["tags", "library_name", "author", "sha"] })) {
    models.push(model);
  }
  return { models };
});
