// Creates a repository, if there is none yet, and commits a whole folder to it. HUB_URL, HUB_TOKEN, REPO, FOLDER, VISIBILITY (public).
import { createRepo, uploadFiles } from "@huggingface/hub";
import { filesBelow, hub, run, setting } from "./flow.mjs";

await run(async () => {
  const repo = setting("REPO");
  const created = await createRepo({ ...hub(), repo, visibility: setting("VISIBILITY", "public") }).catch((error) => {
    if (error.statusCode !== 409) {
      throw error;
    }
    return {};
  });
  const files = await filesBelow(setting("FOLDER"));
  const uploaded = await uploadFiles({ ...hub(), repo, files, commitTitle: `Add ${files.length} files` });
  return { repoUrl: created.repoUrl, id: created.id, files: files.map((file) => file.path), commit: uploaded.commit.oid, commitUrl: uploaded.commit.url };
});
