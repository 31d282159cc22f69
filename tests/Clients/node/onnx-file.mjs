// Writes ONNX files: the few messages of the format that a graph of float weights needs.
import protobuf from "protobufjs";

const OPSET = 23;
const FLOAT = 1;
const INT64 = 7;
const field = (id, type, rule) => ({ id, type, ...(rule ? { rule } : {}) });
const message = (fields) => ({ fields });
const messages = protobuf.Root.fromJSON({
  nested: {
    ModelProto: message({ irVersion: field(1, "int64"), producerName: field(2, "string"), graph: field(7, "GraphProto"), opsetImport: field(8, "OperatorSetIdProto", "repeated") }),
    OperatorSetIdProto: message({ domain: field(1, "string"), version: field(2, "int64") }),
    GraphProto: message({
      node: field(1, "NodeProto", "repeated"), name: field(2, "string"), initializer: field(5, "TensorProto", "repeated"),
      input: field(11, "ValueInfoProto", "repeated"), output: field(12, "ValueInfoProto", "repeated"),
    }),
    NodeProto: message({
      input: field(1, "string", "repeated"), output: field(2, "string", "repeated"), name: field(3, "string"), opType: field(4, "string"), attribute: field(5, "AttributeProto", "repeated"),
    }),
    AttributeProto: message({ name: field(1, "string"), f: field(2, "float"), i: field(3, "int64"), type: field(20, "int32") }),
    TensorProto: message({ dims: field(1, "int64", "repeated"), dataType: field(2, "int32"), name: field(8, "string"), rawData: field(9, "bytes") }),
    ValueInfoProto: message({ name: field(1, "string"), type: field(2, "TypeProto") }),
    TypeProto: message({ tensorType: field(1, "TensorTypeProto") }),
    TensorTypeProto: message({ elemType: field(1, "int32"), shape: field(2, "TensorShapeProto") }),
    TensorShapeProto: message({ dim: field(1, "DimensionProto", "repeated") }),
    DimensionProto: message({ dimValue: field(1, "int64"), dimParam: field(2, "string") }),
  },
});
const model = messages.lookupType("ModelProto");

/** A graph that is built up node by node; values are named by strings. */
export class OnnxGraph {
  #graph = { name: "graph", node: [], initializer: [], input: [], output: [] };

  floats(name, dims, values) {
    return this.#tensor(name, FLOAT, dims, values);
  }

  integers(name, dims, values) {
    return this.#tensor(name, INT64, dims, BigInt64Array.from(values, BigInt));
  }

  input(name, kind, ...dims) {
    this.#graph.input.push(this.#value(name, kind, dims));
    return name;
  }

  output(name, kind, ...dims) {
    this.#graph.output.push(this.#value(name, kind, dims));
  }

  /** The operator's only output, named `to` or after the operator. */
  add(operator, input, attributes = {}, to = `${operator}_${this.#graph.node.length}`) {
    this.addMany(operator, input, attributes, [to]);
    return to;
  }

  /** Whole attributes are integers; none of the operators used here has another kind but an epsilon. */
  addMany(operator, input, attributes, output) {
    const attribute = Object.entries(attributes).map(([name, value]) => (Number.isInteger(value) ? { name, i: value, type: 2 } : { name, f: value, type: 1 }));
    this.#graph.node.push({ name: `node_${this.#graph.node.length}`, opType: operator, input, output, attribute });
  }

  toBytes() {
    return model.encode(model.fromObject({ irVersion: 10, producerName: "garden-tests", graph: this.#graph, opsetImport: [{ domain: "", version: OPSET }] })).finish();
  }

  #tensor(name, dataType, dims, values) {
    this.#graph.initializer.push({ name, dataType, dims, rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });
    return name;
  }

  #value(name, kind, dims) {
    const dim = dims.map((one) => (typeof one === "string" ? { dimParam: one } : { dimValue: one }));
    return { name, type: { tensorType: { elemType: kind === "float" ? FLOAT : INT64, shape: { dim } } } };
  }
}
