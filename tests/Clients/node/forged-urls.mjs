// Uploads and downloads a large file by signed addresses that someone has changed on the way. HUB_URL, HUB_TOKEN, REPO (one of his own). Tells what the client makes of it.
import { downloadFile, uploadFile } from "@huggingface/hub";
import { hub, run, setting } from "./flow.mjs";

const SIGNED = "/garden/v1/files/";
const forge = (target, options) => fetch(String(target).includes(SIGNED) ? `${target}A` : target, options);

/** The client follows redirects by itself: this one is changed before it does. */
async function forgeRedirect(target, options) {
  const answer = await fetch(target, { ...options, redirect: "manual" });
  const next = answer.headers.get("location");
  return next?.includes(SIGNED) ? fetch(`${next}A`, { headers: { range: options.headers?.Range ?? "bytes=0-0" } }) : answer;
}

const told = async (promise) => promise.then(() => ({ message: "done" }), ({ message, statusCode }) => ({ message, status: statusCode }));

await run(async () => {
  const repo = setting("REPO");
  const big = new Blob([new Uint8Array(1_500_000).fill(Math.random() * 256)]);
  const upload = await told(uploadFile({ ...hub(), repo, file: { path: "big.bin", content: big }, useXet: false, fetch: forge }));
  await uploadFile({ ...hub(), repo, file: { path: "big.bin", content: big } });
  const download = await told(downloadFile({ ...hub(), repo, path: "big.bin", xet: false, fetch: forgeRedirect }).then((blob) => blob.arrayBuffer()));
  return { upload, download };
});
