// All that the hub's client can do to a repository beside uploading a folder. HUB_URL, HUB_TOKEN, REPO (made and deleted here).
import {
  checkRepoAccess, commit, countCommits, createBranch, createRepo, deleteBranch, deleteFile, deleteRepo, downloadFile, fileDownloadInfo, fileExists,
  listCommits, listFiles, modelInfo, pathsInfo, repoExists, uploadFile, whoAmI,
} from "@huggingface/hub";
import { hub, run, setting, sha256 } from "./flow.mjs";

const repo = setting("REPO");
const at = { ...hub(), repo };
const textOf = async (path, revision) => (await (await downloadFile({ ...at, path, revision }))?.text()) ?? null;
const collect = async (iterator) => {
  const items = [];
  for await (const item of iterator) {
    items.push(item);
  }
  return items;
};

await run(async () => {
  const me = await whoAmI(hub());
  const before = await repoExists(at);
  await createRepo({ ...at, license: "apache-2.0", visibility: "private" });
  const again = await createRepo(at).then(() => "made", (error) => error.statusCode);
  const odd = "sub folder/naïve – ü 100%25.txt";
  await uploadFile({ ...at, file: { path: odd, content: new Blob(["grüße"]) } });
  await uploadFile({ ...at, file: { path: "empty.txt", content: new Blob([]) } });
  const big = new Uint8Array(2_500_000).map((_, i) => (i * 31) % 251);
  const { commit: third } = await uploadFile({ ...at, file: { path: "weights/big.bin", content: new Blob([big]) } });
  const twice = await uploadFile({ ...at, file: { path: "weights/copy.bin", content: new Blob([big]) } });

  const branch = "feat/one";
  await createBranch({ ...at, branch, revision: third.oid });
  const moved = await commit({
    ...at, branch, title: "on a branch", description: "more words", parentCommit: third.oid,
    operations: [{ operation: "addOrUpdate", path: "only-here.txt", content: new Blob(["here"]) }, { operation: "delete", path: "empty.txt" }],
  });
  const stale = await commit({
    ...at, branch, title: "too late", parentCommit: third.oid, operations: [{ operation: "addOrUpdate", path: "x.txt", content: new Blob(["x"]) }],
  }).then(() => "made", (error) => error.statusCode);

  const bigInfo = await fileDownloadInfo({ ...at, path: "weights/big.bin" });
  const bigBlob = await downloadFile({ ...at, path: "weights/big.bin" });
  const result = {
    name: me.name, type: me.type, orgs: me.orgs.map((org) => org.name), role: me.auth.accessToken.role, token: me.auth.accessToken.displayName,
    before, after: await repoExists(at), again, stale,
    access: await checkRepoAccess(at).then(() => "granted"),
    odd: await textOf(encodeURIComponent(odd).replaceAll("%2F", "/")),
    empty: await textOf("empty.txt"),
    emptyOnBranch: await textOf("empty.txt", branch),
    onlyHere: await textOf("only-here.txt", branch),
    onlyHereOnMain: await textOf("only-here.txt"),
    readme: await textOf("README.md"),
    exists: await fileExists({ ...at, path: "README.md" }),
    existsNot: await fileExists({ ...at, path: "missing.txt" }),
    existsOnBranch: await fileExists({ ...at, path: "only-here.txt", revision: branch }),
    bigInfo: { size: bigInfo.size, etag: bigInfo.etag },
    bigPart: sha256(await bigBlob.slice(1_000_000, 1_000_100).arrayBuffer()) === sha256(big.slice(1_000_000, 1_000_100)),
    bigWhole: sha256(await bigBlob.arrayBuffer()) === sha256(big),
    paths: await pathsInfo({ ...at, paths: ["weights/big.bin", "weights", "missing"], expand: true }),
    files: (await collect(listFiles({ ...at, recursive: true }))).map((file) => file.path),
    folder: (await collect(listFiles({ ...at, path: "weights", revision: twice.commit.oid }))).map((file) => file.path),
    commits: (await collect(listCommits({ ...at, batchSize: 2 }))).map((one) => ({ title: one.title, by: one.authors[0].username, date: one.date })),
    branchCommits: (await collect(listCommits({ ...at, revision: branch }))).map((one) => one.oid),
    count: await countCommits(at),
    moved: moved.commit.oid,
    info: await modelInfo({ ...hub(), name: repo, additionalFields: ["sha", "tags", "filePaths", "cardData"] }),
    branchSha: (await modelInfo({ ...hub(), name: repo, revision: branch, additionalFields: ["sha"] })).sha,
  };
  await deleteFile({ ...at, path: "empty.txt" });
  result.emptyDeleted = await fileExists({ ...at, path: "empty.txt" });
  await deleteBranch({ ...at, branch });
  result.branchDeleted = await modelInfo({ ...hub(), name: repo, revision: branch }).then(() => "there", (error) => error.statusCode);
  await deleteRepo(at);
  result.gone = await repoExists(at);
  return result;
});
