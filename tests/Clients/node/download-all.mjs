// Lists a repository's files and downloads every one. HUB_URL, HUB_TOKEN, REPO, REVISION (main).
import { downloadFile, listFiles } from "@huggingface/hub";
import { hub, run, setting, sha256 } from "./flow.mjs";

await run(async () => {
  const [repo, revision] = [setting("REPO"), setting("REVISION", "main")];
  const files = [];
  for await (const entry of listFiles({ ...hub(), repo, revision, recursive: true })) {
    if (entry.type === "file") {
      const blob = await downloadFile({ ...hub(), repo, revision, path: entry.path });
      const bytes = await blob.arrayBuffer();
      files.push({ path: entry.path, size: entry.size, received: bytes.byteLength, sha256: sha256(bytes), lfs: entry.lfs?.oid });
    }
  }
  return { files };
});
