import { writeFile } from 'node:fs/promises';

/** Writes an ONNX model of one node, Identity: what goes into "in" comes out of "out". A dimension may be a name. */
export async function writeIdentity(path, elementType, dims) {
  const value = (name) => message([text(1, name), nested(2, nested(1, number(1, elementType), nested(2, ...dims.map(dimension))))]);
  const node = [text(1, 'in'), text(2, 'out'), text(4, 'Identity')];
  const graph = [nested(1, ...node), text(2, 'identity'), nested(11, value('in')), nested(12, value('out'))];
  await writeFile(path, message([number(1, 8), nested(7, ...graph), nested(8, text(1, ''), number(2, 16))]));
}

function dimension(dim) {
  return nested(1, typeof dim === 'number' ? number(1, dim) : text(2, dim));
}

function message(fields) {
  return Buffer.concat(fields);
}

function number(field, value) {
  return Buffer.from([field << 3, ...varint(value)]);
}

function text(field, value) {
  return nested(field, Buffer.from(value));
}

function nested(field, ...fields) {
  const body = message(fields);
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(body.length)]), body]);
}

function varint(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}
