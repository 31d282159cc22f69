import { HttpError } from '../common/errors.mjs';

const whole = (min, max) => ({
  accepts: (value) => Number.isInteger(value) && value >= min && value <= max,
  range: `whole numbers from ${min} to ${max}`,
});
const isBoolean = (value) => typeof value === 'boolean';
const real = { accepts: (value) => typeof value === 'number', range: 'numbers' };

/** The datatypes of the protocol: the runtime's name, the array that holds them, what JSON may hold. */
const DATATYPES = {
  BOOL: { type: 'bool', array: Uint8Array, accepts: isBoolean, range: 'true or false', convert: Number, revert: Boolean },
  INT8: { type: 'int8', array: Int8Array, ...whole(-128, 127) },
  INT16: { type: 'int16', array: Int16Array, ...whole(-32_768, 32_767) },
  INT32: { type: 'int32', array: Int32Array, ...whole(-2_147_483_648, 2_147_483_647) },
  INT64: { type: 'int64', array: BigInt64Array, ...whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER), convert: BigInt },
  UINT8: { type: 'uint8', array: Uint8Array, ...whole(0, 255) },
  UINT16: { type: 'uint16', array: Uint16Array, ...whole(0, 65_535) },
  UINT32: { type: 'uint32', array: Uint32Array, ...whole(0, 4_294_967_295) },
  UINT64: { type: 'uint64', array: BigUint64Array, ...whole(0, Number.MAX_SAFE_INTEGER), convert: BigInt },
  FP16: { type: 'float16', array: Uint16Array, ...real, convert: toHalf, revert: fromHalf },
  FP32: { type: 'float32', array: Float32Array, ...real },
  FP64: { type: 'float64', array: Float64Array, ...real },
  BYTES: { type: 'string', array: Array, accepts: (value) => typeof value === 'string', range: 'strings' },
};

export function datatypeOf(type) {
  return Object.keys(DATATYPES).find((name) => DATATYPES[name].type === type);
}

/** Reads one input of a request against what the model `wants`; the failure says what it expected. */
export function readTensor(input, wants) {
  const expected = `input "${wants.name}" expects ${wants.datatype} of shape [${wants.shape}]`;
  const bad = (problem) => new HttpError(400, `${expected}, ${problem}`);
  if (input.datatype !== wants.datatype) throw bad(`the request gives ${input.datatype ?? 'no datatype'}`);
  if (!isShape(input.shape)) throw bad('the request gives no shape, a list of whole numbers');
  const fits = input.shape.length === wants.shape.length && wants.shape.every((dim, at) => dim === -1 || dim === input.shape[at]);
  if (!fits) throw bad(`the request gives shape [${input.shape}]`);
  if (!Array.isArray(input.data)) throw bad('the request gives no data, a list');
  const values = flatten(input.data, input.shape, bad);
  const { type, array, accepts, range, convert } = DATATYPES[wants.datatype];
  const wrong = values.findIndex((value) => !accepts(value));
  if (wrong >= 0) throw bad(`element ${wrong} is ${JSON.stringify(values[wrong])}, not of the ${range}`);
  return { type, data: array.from(values, convert), dims: input.shape };
}

/** Writes one output as JSON text. By hand for 64-bit integers, whose digits JSON can carry and JavaScript's numbers cannot. */
export function writeTensor({ name, type, data, dims }) {
  const datatype = datatypeOf(type);
  const { revert } = DATATYPES[datatype];
  const head = JSON.stringify({ name, datatype, shape: dims });
  return `${head.slice(0, -1)},"data":${writeData(data, revert)}}`;
}

function writeData(data, revert) {
  if (typeof data[0] === 'bigint') return `[${data.join(',')}]`;
  // Newer runtimes hold halves as numbers already.
  const asIs = revert === undefined || data.constructor.name === 'Float16Array';
  return JSON.stringify(asIs ? Array.from(data) : Array.from(data, revert));
}

function isShape(shape) {
  return Array.isArray(shape) && shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
}

/** Data is flat in row order, or nested exactly as the shape says. */
function flatten(data, shape, bad) {
  const count = shape.reduce((product, dim) => product * dim, 1);
  if (!data.some(Array.isArray)) {
    if (data.length !== count) throw bad(`shape [${shape}] is ${count} elements, the request gives ${data.length}`);
    return data;
  }
  return shape.reduce((level, dim, depth) => {
    if (!level.every((part) => Array.isArray(part) && part.length === dim)) {
      throw bad(`the nested data does not follow shape [${shape}] at depth ${depth}`);
    }
    return level.flat(1);
  }, [data]);
}

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** Rounds to the nearest half, ties to even, as IEEE 754 asks. */
export function toHalf(value) {
  single[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = Math.abs(single[0]);
  if (Number.isNaN(value)) return sign | 0x7e00;
  if (magnitude >= 65_520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundEven(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  // A mantissa that rounds up to 2048 carries into the exponent by itself.
  return sign | (((exponent + 14) << 10) + roundEven(magnitude * 2 ** (10 - exponent)));
}

export function fromHalf(half) {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

function roundEven(value) {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
