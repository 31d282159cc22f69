// Asks for one file and is to be refused. HUB_URL, HUB_TOKEN, REPO, FILE, REVISION (main). Does its job if the download fails.
import { downloadFile, modelInfo } from "@huggingface/hub";
import { hub, run, setting } from "./flow.mjs";

await run(async () => {
  const [repo, path, revision] = [setting("REPO"), setting("FILE"), setting("REVISION", "main")];
  const info = await modelInfo({ ...hub(), name: repo, revision });
  const answer = await fetch(`${setting("HUB_URL")}/${repo}/resolve/${encodeURIComponent(revision)}/${path}`, {
    method: "HEAD",
    redirect: "manual",
    headers: setting("HUB_TOKEN", "") ? { Authorization: `Bearer ${setting("HUB_TOKEN")}` } : {},
  });
  try {
    await downloadFile({ ...hub(), repo, path, revision });
  } catch (error) {
    return {
      status: error.statusCode, message: error.message, data: error.data, gated: info.gated,
      errorCode: answer.headers.get("x-error-code"), errorMessage: answer.headers.get("x-error-message"),
    };
  }
  throw new Error(`${path} of ${repo} was given to one who should not have it`);
});
