// Files and branches with names that must be encoded, and empty files: written, listed, described, read in parts, renamed and deleted.
// HUB_URL, HUB_TOKEN, REPO (made here).
import { commit, createBranch, createRepo, deleteBranch, deleteFile, downloadFile, fileDownloadInfo, fileExists, listCommits, listFiles, pathsInfo, uploadFiles } from "@huggingface/hub";
import { hub, run, setting } from "./flow.mjs";

const at = { ...hub(), repo: setting("REPO") };
const names = ["ein satz mit leerzeichen.txt", "größe.txt", "gro\u0308ße.txt", "日本語/ファイル.txt", "🌱 seed.txt", "100%.txt", "100%25.txt", "a+b=c&d.txt", "what? #1.txt", "[x] {y} ~z!.txt", "'quoted' \"twice\".txt", ".hidden/..dots.txt", "عربي/ملف.txt"];
const branch = "zweig/größe-日本語";
// The client puts a path into the address as it is: whoever has a name with signs of an address in it encodes it.
const encoded = (path) => path.split("/").map(encodeURIComponent).join("/");
const textOf = async (path, more) => (await (await downloadFile({ ...at, path: encoded(path), ...more }))?.text()) ?? null;
const collect = async (iterator) => {
  const items = [];
  for await (const item of iterator) {
    items.push(item);
  }
  return items;
};

await run(async () => {
  await createRepo({ ...at, visibility: "private" });
  await uploadFiles({ ...at, files: names.flatMap((path) => [{ path, content: new Blob([`this is ${path}`]) }, { path: `${path}.empty`, content: new Blob([]) }]) });
  const all = names.flatMap((path) => [path, `${path}.empty`]);
  const listed = (await collect(listFiles({ ...at, recursive: true, expand: true }))).filter((entry) => entry.type === "file" && entry.path !== ".gitattributes");
  const described = await pathsInfo({ ...at, paths: all });
  const result = {
    unlisted: all.filter((path) => !listed.some((entry) => entry.path === path)), more: listed.length - all.length, undescribed: all.filter((path) => !described.some((entry) => entry.path === path)),
    undated: listed.filter((entry) => !entry.lastCommit).map((entry) => entry.path), folder: (await collect(listFiles({ ...at, path: encoded("日本語") }))).map((entry) => entry.path),
    wrong: [], sizes: [],
  };
  for (const path of names) {
    const { size } = await fileDownloadInfo({ ...at, path: encoded(path) });
    const part = await (await downloadFile({ ...at, path: encoded(path) })).slice(5, 7).text();
    if ((await textOf(path)) !== `this is ${path}` || part !== "is" || size !== Buffer.byteLength(`this is ${path}`) || !(await fileExists({ ...at, path: encoded(path) }))) {
      result.wrong.push(path);
    }

    result.sizes.push((await fileDownloadInfo({ ...at, path: encoded(`${path}.empty`) })).size, (await textOf(`${path}.empty`)).length);
  }

  await createBranch({ ...at, branch });
  const moved = await commit({ ...at, branch, title: "Größe 🌱", operations: [{ operation: "addOrUpdate", path: "日本語/neu.txt", content: new Blob(["neu"]) }, { operation: "delete", path: names[0] }] });
  Object.assign(result, {
    onBranch: await textOf("日本語/neu.txt", { revision: branch }), deleted: await textOf(names[0], { revision: branch }), onMain: await textOf("日本語/neu.txt"),
    title: (await collect(listCommits({ ...at, revision: branch })))[0].title, head: (await collect(listCommits({ ...at, revision: branch })))[0].oid === moved.commit.oid,
  });
  await deleteBranch({ ...at, branch });
  await deleteFile({ ...at, path: names[8] });
  result.gone = [await textOf("日本語/neu.txt", { revision: branch }).catch((error) => error.statusCode), await fileExists({ ...at, path: encoded(names[8]) })];
  return result;
});
