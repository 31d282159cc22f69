import { readFile, writeFile } from 'node:fs/promises';

const STRING = 8;
const ARRAY = 9;
const BOOL = 7;
const FIXED = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };

/** Copies a GGUF file with more metadata: `entries` are name -> text or boolean. */
export async function addMetadata(source, target, entries) {
  const bytes = await readFile(source);
  const reader = new Reader(bytes);
  const added = Object.entries(entries).map(([name, value]) => Buffer.concat([text(name), typeof value === 'string'
    ? Buffer.concat([uint32(STRING), text(value)])
    : Buffer.concat([uint32(BOOL), Buffer.from([value ? 1 : 0])])]));
  const { metadataEnd, headerEnd } = reader.layout();
  const header = Buffer.concat([bytes.subarray(0, metadataEnd), ...added, bytes.subarray(metadataEnd, headerEnd)]);
  header.writeBigUInt64LE(bytes.readBigUInt64LE(16) + BigInt(added.length), 16);
  await writeFile(target, Buffer.concat([header, Buffer.alloc(align(header.length) - header.length), bytes.subarray(align(headerEnd))]));
}

class Reader {
  #at = 24;
  #bytes;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  layout() {
    const tensors = Number(this.#bytes.readBigUInt64LE(8));
    const entries = Number(this.#bytes.readBigUInt64LE(16));
    for (let entry = 0; entry < entries; entry++) {
      this.#skipText();
      this.#skipValue(this.#uint32());
    }
    const metadataEnd = this.#at;
    for (let tensor = 0; tensor < tensors; tensor++) {
      this.#skipText();
      const dimensions = this.#uint32();
      this.#at += dimensions * 8 + 4 + 8;
    }
    return { metadataEnd, headerEnd: this.#at };
  }

  #skipValue(type) {
    if (type === STRING) this.#skipText();
    else if (type === ARRAY) this.#skipArray();
    else this.#at += FIXED[type];
  }

  #skipArray() {
    const type = this.#uint32();
    const count = this.#uint64();
    for (let item = 0; item < count; item++) this.#skipValue(type);
  }

  #skipText() {
    const length = this.#uint64();
    this.#at += length;
  }

  #uint32() {
    return this.#bytes.readUInt32LE((this.#at += 4) - 4);
  }

  #uint64() {
    return Number(this.#bytes.readBigUInt64LE((this.#at += 8) - 8));
  }
}

function align(length) {
  return Math.ceil(length / 32) * 32;
}

function text(value) {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, bytes]);
}

function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
