// s3rver on a free port, as near to S3 as Artifacts needs it. s3rver itself writes in place and answers before the bytes are on its disk, takes
// whatever checksum comes, and cannot list or abort uploads of parts: here it does as S3 does. It also wants a Content-MD5 on everything written,
// and has buckets whose names begin with "full-" and "readonly-", which are that.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs/promises');
const { createReadStream, createWriteStream } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Readable, Transform } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const S3rver = require('s3rver');
const S3Error = require('s3rver/lib/models/error');
const FilesystemStore = require('s3rver/lib/stores/filesystem');

// Its tokens for the next page are enciphered with DES, which Node.js has no more.
const { createCipheriv, createDecipheriv } = crypto;
const instead = create => (name, key, iv) => name === 'des' ? create('aes-128-cbc', Buffer.concat([key, key]), Buffer.concat([iv, iv])) : create(name, key, iv);
crypto.createCipheriv = instead(createCipheriv);
crypto.createDecipheriv = instead(createDecipheriv);

class WholeStore extends FilesystemStore {
  turn = Promise.resolve();

  // Files of an object are changed and looked up by one request at a time.
  inTurn(work) {
    const result = this.turn.then(work);
    this.turn = result.catch(() => {});
    return result;
  }

  getObject(bucket, key, options) {
    return this.inTurn(async () => {
      const object = await super.getObject(bucket, key, options);
      if (object?.size === 0 && options?.start !== undefined) {
        // No range of nothing can be had.
        object.content?.destroy();
        object.content = null;
      }
      return object;
    });
  }

  deleteObject(...args) {
    return this.inTurn(() => super.deleteObject(...args));
  }

  listObjects(...args) {
    return this.inTurn(() => super.listObjects(...args));
  }

  async putObject(object) {
    refuseWrites(object.bucket);
    const { file, md5, size } = await this.receive(object.content, object.content.headers);
    await this.place(object, file, md5);
    return { md5, size };
  }

  async putPart(bucket, uploadId, number, content) {
    const folder = await this.uploadFolder(bucket, uploadId);
    const { file, md5, size } = await this.receive(content, content.headers);
    await fs.writeFile(path.join(folder, `${number}.md5`), md5);
    await fs.rename(file, path.join(folder, number.toString()));
    return { md5, size };
  }

  async initiateUpload(bucket, key, ...rest) {
    refuseWrites(bucket);
    return super.initiateUpload(bucket, key, ...rest);
  }

  async putObjectMultipart(bucket, uploadId, parts) {
    const folder = await this.uploadFolder(bucket, uploadId);
    const key = await fs.readFile(path.join(folder, 'key'), 'utf8');
    const metadata = JSON.parse(await fs.readFile(path.join(folder, 'metadata'), 'utf8'));
    const digests = [];
    for (const part of parts) {
      const md5 = await fs.readFile(path.join(folder, `${part.number}.md5`), 'utf8').catch(() => '');
      if (md5 !== part.etag) throw new S3Error('InvalidPart', 'One or more of the specified parts could not be found');
      digests.push(Buffer.from(md5, 'hex'));
    }
    const all = Readable.from((async function* () {
      for (const part of parts) yield* createReadStream(path.join(folder, part.number.toString()));
    })());
    const { file, size } = await this.receive(all, null);
    const md5 = `${crypto.createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}`;
    await this.place({ bucket, key, metadata }, file, md5);
    await fs.rm(folder, { recursive: true });
    return { md5, size };
  }

  async listUploads(bucket) {
    const folder = this.getResourcePath(bucket, undefined, 'uploads');
    const uploads = [];
    for (const id of await fs.readdir(folder).catch(() => [])) {
      const key = path.join(folder, id, 'key');
      uploads.push({ Key: await fs.readFile(key, 'utf8'), UploadId: id, Initiated: (await fs.stat(key)).mtime.toISOString() });
    }
    return uploads;
  }

  async listParts(bucket, uploadId) {
    const folder = await this.uploadFolder(bucket, uploadId);
    const parts = [];
    for (const number of (await fs.readdir(folder)).filter(name => /^\d+$/.test(name))) {
      const stat = await fs.stat(path.join(folder, number));
      parts.push({ PartNumber: number, LastModified: stat.mtime.toISOString(), Size: stat.size });
    }
    return parts;
  }

  async abortUpload(bucket, uploadId) {
    await fs.rm(await this.uploadFolder(bucket, uploadId), { recursive: true });
  }

  async uploadFolder(bucket, uploadId) {
    const folder = path.join(this.getResourcePath(bucket, undefined, 'uploads'), uploadId);
    await fs.access(folder).catch(() => {
      throw new S3Error('NoSuchUpload', 'The specified multipart upload does not exist');
    });
    return folder;
  }

  async receive(content, headers) {
    const file = path.join(this.rootDirectory, `.${crypto.randomUUID()}`);
    const hash = crypto.createHash('md5');
    let size = 0;
    const hashing = new Transform({
      transform(chunk, _, done) {
        hash.update(chunk);
        size += chunk.length;
        done(null, chunk);
      },
    });
    try {
      await pipeline(content, hashing, createWriteStream(file));
      const digest = hash.digest();
      if (headers && headers['content-md5'] !== digest.toString('base64')) {
        throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received, or you specified none');
      }
      return { file, size, md5: digest.toString('hex') };
    } catch (error) {
      await fs.rm(file, { force: true });
      throw error;
    }
  }

  place(object, file, md5) {
    return this.inTurn(async () => {
      const target = this.getResourcePath(object.bucket, object.key, 'object');
      await fs.mkdir(path.dirname(target), { recursive: true });
      await fs.rename(file, target);
      await this.putMetadata(object.bucket, object.key, object.metadata, md5);
    });
  }
}

function refuseWrites(bucket) {
  if (bucket.startsWith('full-')) throw Object.assign(new S3Error('QuotaExceeded', 'The quota is used up'), { status: 403, expose: true });
  if (bucket.startsWith('readonly-')) throw new S3Error('AccessDenied', 'Access Denied');
}

// What s3rver has no routes for.
async function uploadsOfParts(ctx, next) {
  const [, bucket, ...key] = decodeURIComponent(ctx.path).split('/');
  const { store } = ctx.app;
  if (ctx.method === 'GET' && 'uploads' in ctx.query) {
    ctx.body = { ListMultipartUploadsResult: { Bucket: bucket, IsTruncated: false, Upload: await store.listUploads(bucket) } };
  } else if (ctx.method === 'GET' && ctx.query.uploadId) {
    ctx.body = { ListPartsResult: { Bucket: bucket, Key: key.join('/'), IsTruncated: false, Part: await store.listParts(bucket, ctx.query.uploadId) } };
  } else if (ctx.method === 'DELETE' && ctx.query.uploadId) {
    await store.abortUpload(bucket, ctx.query.uploadId);
    ctx.status = 204;
  } else {
    await next();
    if (ctx.method === 'GET' && ctx.get('If-Match') && ctx.status < 300 && ctx.response.get('ETag') !== ctx.get('If-Match')) {
      ctx.body?.destroy?.();
      throw new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
    }
  }
}

(async () => {
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), 's3-'));
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, vhostBuckets: false });
  server.store = server.context.store = new WholeStore(directory);
  // After the logger and the writer of XML, before the routes.
  server.middleware.splice(2, 0, uploadsOfParts);
  await server.run();
  console.log(`listening on http://127.0.0.1:${server.httpServer.address().port}`);
  // With the test ends the server: its standard input closes, however the test goes.
  process.stdin.resume().on('end', async () => {
    await fs.rm(directory, { recursive: true, force: true });
    process.exit(0);
  });
})();
