// A repository liked, found by it, and liked no more. Likes are sent as the Python client sends them: the hub's own has no function for it.
// HUB_URL, HUB_TOKEN, REPO.
import { listModels, modelInfo, whoAmI } from "@huggingface/hub";
import { hub, run, setting } from "./flow.mjs";

const repo = setting("REPO");
const ask = async (path, method = "GET") => {
  const answer = await fetch(`${setting("HUB_URL")}/api/${path}`, { method, headers: { authorization: `Bearer ${setting("HUB_TOKEN")}` } });
  return { status: answer.status, body: await answer.json() };
};
const likes = async () => (await modelInfo({ ...hub(), name: repo })).likes;
// Lists follow what is told of repositories a moment later: asked until they have.
const first = async () => {
  for (;;) {
    for await (const model of listModels({ ...hub(), sort: "likes", limit: 1 })) {
      if (model.likes > 0) {
        return { name: model.name, likes: model.likes };
      }
    }
  }
};

await run(async () => {
  const { name } = await whoAmI(hub());
  const before = await likes();
  const liked = [await ask(`models/${repo}/like`, "POST"), await ask(`models/${repo}/like`, "POST")].map((answer) => answer.status);
  const result = {
    before, liked, after: await likes(), first: await first(),
    likers: (await ask(`models/${repo}/likers`)).body.map((liker) => liker.user),
    own: (await ask(`users/${name}/likes`)).body.map((like) => `${like.repo.type} ${like.repo.name}`),
  };
  result.unliked = [await ask(`models/${repo}/like`, "DELETE"), await ask(`models/${repo}/like`, "DELETE")].map((answer) => answer.status);
  result.left = await likes();
  return result;
});
