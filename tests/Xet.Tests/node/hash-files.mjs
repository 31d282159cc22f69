// Hashes every file of a folder as the Hugging Face client does, and writes a line of JSON for each: { name, chunks: [[length, hash]], xorb, file, range, keyed, blake3 }.
// FOLDER: where the files are. KEY: the text of a hash, under which each chunk's hash is hashed again.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Hasher } from "@huggingface/blake3-jit";
import { fileHash, getChunks, hashToHex, hexToBytes, hmac, verificationHash, xorbHash } from "@huggingface/xetchunk-wasm";

const { FOLDER, KEY } = process.env;
for (const name of readdirSync(FOLDER).sort()) {
  const bytes = new Uint8Array(readFileSync(join(FOLDER, name)));
  const chunks = getChunks(bytes);
  console.log(
    JSON.stringify({
      name,
      chunks: chunks.map(({ length, hash }) => [length, hashToHex(hash)]),
      xorb: hashToHex(xorbHash(chunks)),
      file: hashToHex(fileHash(chunks)),
      range: hashToHex(verificationHash(chunks.map(({ hash }) => hash))),
      keyed: chunks.map(({ hash }) => hashToHex(hmac(hash, hexToBytes(KEY)))),
      blake3: hashToHex(Hasher.newKeyed(new Uint8Array(32)).update(bytes).finalize(32)),
    }),
  );
}
