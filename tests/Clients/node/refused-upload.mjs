// Uploads a large file without Xet and is to be refused. HUB_URL, HUB_TOKEN, REPO, SIZE (in bytes). Does its job if the upload fails.
import { randomBytes } from "node:crypto";
import { uploadFile } from "@huggingface/hub";
import { hub, run, setting } from "./flow.mjs";

await run(async () => {
  const content = new Blob([randomBytes(Number(setting("SIZE")))]);
  try {
    await uploadFile({ ...hub(), repo: setting("REPO"), file: { path: "big.bin", content }, useXet: false });
  } catch ({ message, statusCode }) {
    return { status: statusCode, message };
  }
  throw new Error("the file was taken");
});
