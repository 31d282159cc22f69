// A published model of others made one's own, and a large file of it given to a repository of one's own, as Python asks for it; told is what comes of it, and what there is then.
// HUB_URL, HUB_TOKEN, VERSION (0.20.3 or 1.28.0), REPO (that of others), COPY (made here), FILE (a large one of it), OTHER (token of somebody of another organisation).
import { run, setting, sha256 } from "./flow.mjs";
import { json, refusal, send } from "./python.mjs";

const [repo, copy, file] = [setting("REPO"), setting("COPY"), setting("FILE")];
const files = async (name) => (await send("GET", `/api/models/${name}/tree/main?recursive=true`)).json.map((one) => `${one.path} ${one.oid}`).join("\n");

await run(async () => {
  const { lfs, xetHash } = (await json("POST", `/api/models/${repo}/paths-info/main`, { paths: [file] })).json[0];
  const given = await json("POST", `/api/models/${repo}/lfs-files/duplicate`, { target: { type: "model", name: copy }, files: [{ xetHash, sha256: lfs.oid, filename: file }] });
  const made = await json("POST", `/api/models/${repo}/duplicate`, { repository: copy });
  if (made.status !== 200) {
    return { given: refusal(given), made: refusal(made), there: (await send("GET", `/api/models/${copy}`)).status };
  }

  const { json: info } = await send("GET", `/api/models/${copy}`);
  const place = (await send("GET", `/${copy}/resolve/main/${file}`)).header("location");
  return {
    given: `${given.status} ${JSON.stringify(given.json.failed)}`, made: `${made.status} ${made.json.url}`, private: info.private, gated: info.gated, garden: info.garden,
    same: await files(repo) === await files(copy), read: sha256((await send("GET", place, { as: "" })).bytes) === lfs.oid, others: refusal(await send("GET", `/api/models/${copy}`, { as: setting("OTHER") })).slice(0, 16),
  };
});
