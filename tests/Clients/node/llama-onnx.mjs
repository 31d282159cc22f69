// A Llama's safetensors as the ONNX file that @huggingface/transformers runs: the same weights, in a graph with a cache of keys and values.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { OnnxGraph } from "./onnx-file.mjs";

/** Tensors by name, each with its shape, of a file of float32. */
async function readSafetensors(file) {
  const bytes = await readFile(file);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const { __metadata__, ...entries } = JSON.parse(bytes.toString("utf8", 8, start));
  return Object.fromEntries(Object.entries(entries).map(([name, { shape, data_offsets: [from, to] }]) =>
    [name, { shape, values: new Float32Array(Uint8Array.from(bytes.subarray(start + from, start + to)).buffer) }]));
}

/** Linear layers keep their weights by output; MatMul wants them by input. */
function transpose({ shape: [rows, columns], values }) {
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
}

/** The weights of a folder in Transformers' layout as bytes of ONNX. */
export async function llamaAsOnnx(folder) {
  const config = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
  const weights = await readSafetensors(join(folder, "model.safetensors"));
  const { hidden_size: width, num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim: headSize, max_position_embeddings: longest } = config;
  const graph = new OnnxGraph();
  const linear = (x, name) => {
    const { shape: [rows, columns] } = weights[name];
    return graph.add("MatMul", [x, graph.floats(name, [columns, rows], transpose(weights[name]))]);
  };
  const norm = (x, name) => graph.add("RMSNormalization", [x, graph.floats(name, [width], weights[name].values)], { axis: -1, epsilon: config.rms_norm_eps });
  const angles = (of) => Float32Array.from({ length: longest * headSize / 2 }, (_, i) =>
    of(Math.floor(i / (headSize / 2)) * config.rope_parameters.rope_theta ** (-2 * (i % (headSize / 2)) / headSize)));

  const ids = graph.input("input_ids", "integer", "batch_size", "sequence");
  const mask = graph.input("attention_mask", "integer", "batch_size", "total");
  const positions = graph.input("position_ids", "integer", "batch_size", "sequence");
  const [cos, sin] = ["cos", "sin"].map((name) => graph.floats(name, [longest, headSize / 2], angles(Math[name])));
  const visible = visibleTo(graph, mask, positions);
  const rotate = (x, count) => graph.add("RotaryEmbedding", [x, cos, sin, positions], { num_heads: count });
  const embeddings = graph.floats("embeddings", weights["model.embed_tokens.weight"].shape, weights["model.embed_tokens.weight"].values);

  let x = graph.add("Gather", [embeddings, ids]);
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const layer = `model.layers.${i}`;
    const attended = norm(x, `${layer}.input_layernorm.weight`);
    const [q, k, v] = ["q", "k", "v"].map((part) => linear(attended, `${layer}.self_attn.${part}_proj.weight`));
    const past = ["key", "value"].map((part) => graph.input(`past_key_values.${i}.${part}`, "float", "batch_size", kvHeads, "past", headSize));
    const present = ["key", "value"].map((part) => `present.${i}.${part}`);
    graph.addMany("Attention", [rotate(q, heads), rotate(k, kvHeads), v, visible, ...past], { q_num_heads: heads, kv_num_heads: kvHeads }, [`attention_${i}`, ...present]);
    present.forEach((name) => graph.output(name, "float", "batch_size", kvHeads, "total", headSize));
    x = graph.add("Add", [x, linear(`attention_${i}`, `${layer}.self_attn.o_proj.weight`)]);
    const fed = norm(x, `${layer}.post_attention_layernorm.weight`);
    const gate = linear(fed, `${layer}.mlp.gate_proj.weight`);
    const active = graph.add("Mul", [gate, graph.add("Sigmoid", [gate])]);
    x = graph.add("Add", [x, linear(graph.add("Mul", [active, linear(fed, `${layer}.mlp.up_proj.weight`)]), `${layer}.mlp.down_proj.weight`)]);
  }

  graph.add("MatMul", [norm(x, "model.norm.weight"), graph.add("Transpose", [embeddings])], {}, "logits");
  graph.output("logits", "float", "batch_size", "sequence", config.vocab_size);
  return graph.toBytes();
}

/** What each position looks at: itself and all before it that are not padding. */
function visibleTo(graph, mask, positions) {
  const [second, last] = [graph.integers("axis_1", [1], [1]), graph.integers("axis_last", [1], [-1])];
  const scalar = (name, value) => graph.integers(name, [], [value]);
  const total = graph.add("Gather", [graph.add("Shape", [mask]), scalar("one", 1)]);
  const places = graph.add("Range", [scalar("from", 0), total, "one"]);
  const before = graph.add("LessOrEqual", [places, graph.add("Unsqueeze", [positions, last])]);
  const kept = graph.add("Cast", [graph.add("Unsqueeze", [mask, second])], { to: 9 });
  return graph.add("Unsqueeze", [graph.add("And", [before, kept]), second]);
}
