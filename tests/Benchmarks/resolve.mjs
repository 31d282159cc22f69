// HEAD of files of a catalog of a million repositories, as every download begins: asked for the first time, asked for again, and at half the rate that is to be reached.
import { connect } from "node:net";
import { join } from "node:path";
import { adminToken, copies, garden, memoryOf, row, spread, withFolder } from "./common.mjs";

const COPIES = Number(process.env.GARDEN_BENCH_REPOSITORIES ?? 1_000_000);
const FILES = Math.min(20_000, COPIES);
const CONNECTIONS = 32;
const ROUNDS = 5;
const RATE = 5000;
const authorization = `Bearer ${adminToken}`;

/** Connections that are kept, each of which waits for its answer before it asks again. */
async function clients(url, count) {
  const { hostname, port } = new URL(url);
  return Promise.all(Array.from({ length: count }, async () => {
    const socket = connect(Number(port), hostname).setNoDelay(true);
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    let [answered, text] = [null, ""];
    // Answers to HEAD end with their headers.
    socket.on("data", (data) => {
      text += data.latin1Slice();
      if (text.endsWith("\r\n\r\n")) {
        const answer = text;
        text = "";
        answered(answer);
      }
    });
    socket.on("error", (error) => { throw error; });
    return {
      head: (path) => new Promise((resolve) => {
        answered = resolve;
        socket.write(`HEAD ${path} HTTP/1.1\r\nHost: garden\r\nAuthorization: ${authorization}\r\n\r\n`);
      }),
      close: () => socket.destroy(),
    };
  }));
}

/** They lie all over the catalog. */
const pathOf = (file) => `/garden/copy-${file * Math.floor(COPIES / FILES)}/resolve/main/config.json`;

async function ask(client, path) {
  const answer = await client.head(path);
  if (!answer.startsWith("HTTP/1.1 200 ")) {
    throw new Error(`HEAD ${path}: ${answer}`);
  }
}

/** Requests a second: these files, by all clients at once. */
async function throughput(pool, numbers) {
  const began = performance.now();
  let next = 0;
  await Promise.all(pool.map(async (client) => {
    while (next < numbers.length) {
      await ask(client, pathOf(numbers[next++]));
    }
  }));
  return numbers.length / (performance.now() - began) * 1000;
}

/** Milliseconds from when each request was due, at a rate that waits for nobody: one that finds all clients busy waits for one, and its waiting counts. */
async function latencies(pool, numbers, rate) {
  const [due, taken] = [[], []];
  const began = performance.now();
  let next = 0;
  const timer = setInterval(() => {
    for (; next < numbers.length && next / rate * 1000 <= performance.now() - began; next++) {
      due.push(next);
    }
    idle.splice(0).forEach((wake) => wake());
  }, 1);
  const idle = [];
  await Promise.all(pool.map(async (client) => {
    while (next < numbers.length || due.length > 0) {
      if (due.length === 0) {
        await new Promise((resolve) => idle.push(resolve));
        continue;
      }
      const turn = due.shift();
      await ask(client, pathOf(numbers[turn]));
      taken.push(performance.now() - began - turn / rate * 1000);
    }
  }));
  clearInterval(timer);
  return taken.sort((a, b) => a - b);
}

const shuffled = (count, most) => Array.from({ length: count }, () => 1 + Math.floor(Math.random() * most));

await withFolder(async (folder) => {
  const data = join(folder, "data");
  await copies(data, COPIES);
  const host = await garden(data);
  const pool = await clients(host.url, CONNECTIONS);
  const cold = await throughput(pool, Array.from({ length: FILES }, (_, file) => file + 1));
  row(`HEAD of ${FILES.toLocaleString("en")} files of ${COPIES.toLocaleString("en")} repositories, each for the first time, requests/s`, cold.toFixed(0), "");

  const warm = [];
  for (let round = -1; round < ROUNDS; round++) {
    const reached = await throughput(pool, shuffled(200_000, FILES));
    if (round >= 0) {
      warm.push(reached);
    }
  }
  row("the same again, requests/s", spread(warm, 0), "over 10,000");

  const taken = [];
  for (let round = 0; round < ROUNDS; round++) {
    const all = await latencies(pool, shuffled(RATE * 10, FILES), RATE);
    taken.push(all[Math.floor(all.length * 0.99)]);
  }
  row(`the same at ${RATE.toLocaleString("en")} requests/s, p99 of each ten seconds, ms`, spread(taken, 1), "under 10");
  row(`memory of the whole garden after that, MiB`, (await memoryOf(host.pid)).now.toFixed(0), "under 1,500");
  pool.forEach((client) => client.close());
  await host.stop();
});
