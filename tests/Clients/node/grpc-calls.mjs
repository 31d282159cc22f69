// Calls over gRPC, read from the protos: what a member may ask, and what is refused. GRPC_ADDRESS (host:port), GARDEN_TOKEN, PROTOS (folder), REPO (one of his own).
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import { run, setting } from "./flow.mjs";

const files = ["catalog", "deployment", "identity", "search"].map((name) => `modelgarden/v1/${name}.proto`);
const { modelgarden } = grpc.loadPackageDefinition(loader.loadSync(files, { includeDirs: [setting("PROTOS")], longs: Number, enums: String, defaults: true }));
const clientOf = (service) => new modelgarden.v1[service](setting("GRPC_ADDRESS"), grpc.credentials.createInsecure());
const [catalog, deployment, identity, search] = ["Catalog", "Deployment", "Identity", "Search"].map(clientOf);

function metadataOf(token) {
  const metadata = new grpc.Metadata();
  if (token) {
    metadata.set("authorization", `Bearer ${token}`);
  }
  return metadata;
}

const refusal = (error) => ({ code: grpc.status[error.code], reason: error.metadata.get("garden-reason")[0], message: error.details });

/** A unary call's answer, or how it was refused. */
const ask = (client, method, request, token = setting("GARDEN_TOKEN")) => new Promise((resolve) =>
  client[method](request, metadataOf(token), { deadline: Date.now() + 30_000 }, (error, answer) => resolve(error ? refusal(error) : answer)));

/** The messages of a stream, and how it was refused. */
const read = (client, method, request) => new Promise((resolve) => {
  const messages = [];
  const stream = client[method](request, metadataOf(setting("GARDEN_TOKEN")), { deadline: Date.now() + 30_000 });
  stream.on("data", (message) => messages.push(message));
  stream.on("error", (error) => resolve({ messages, ...refusal(error) }));
  stream.on("end", () => resolve({ messages }));
});

await run(async () => {
  const name = setting("REPO");
  const commit = (path) => ({ name, kind: "REPOSITORY_KIND_MODEL", branch: "main", summary: "x", operations: [{ addFile: { path, content: Buffer.from("x") } }] });
  return {
    me: await ask(identity, "WhoAmI", {}),
    repository: await ask(catalog, "GetRepository", { name, kind: "REPOSITORY_KIND_MODEL" }),
    found: await ask(search, "Query", { kind: "REPOSITORY_KIND_MODEL", pageSize: 10 }),
    unknownModel: await ask(catalog, "GetRepository", { name: "acme/nothing", kind: "REPOSITORY_KIND_MODEL" }),
    badPath: await ask(catalog, "CreateCommit", commit("../evil")),
    tree: await ask(catalog, "ListTree", { name, kind: "REPOSITORY_KIND_MODEL" }),
    unknownEndpoint: await read(deployment, "WatchEndpoint", { name: "nothing" }),
    forServices: await ask(identity, "Authenticate", { credential: "x" }),
    wrongToken: await ask(identity, "WhoAmI", {}, "hf_garden_wrong"),
    noToken: await ask(identity, "WhoAmI", {}, ""),
  };
});
