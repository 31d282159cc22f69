import { randomInt } from 'node:crypto';
import { Template } from '@huggingface/jinja';
import { ClientGone, HttpError } from '../common/errors.mjs';
import { Slots } from '../common/slots.mjs';
import { loadLlamaModel } from './load.mjs';
import { TextStream } from './text.mjs';

const DEFAULT_CONTEXT = 4096;
const PROMPT_STEP = 512;

/** A loaded model: its tokens, its slots (a llama.cpp sequence each), generation and embedding. */
export class GgufModel {
  #model;
  #template;
  #embedder = null;

  static async load(options, metrics, progress) {
    const model = await loadLlamaModel(options, progress);
    const contextSize = options.contextSize ?? Math.min(model.trainContextSize, DEFAULT_CONTEXT);
    if (contextSize > model.trainContextSize) {
      throw new Error(`--ctx-size ${contextSize} is over the ${model.trainContextSize} tokens the model was trained on`);
    }
    const generates = model.fileInfo.architectureMetadata?.attention?.causal !== false;
    const context = generates ? await model.createContext({ sequences: options.parallel, contextSize }) : null;
    const sequences = Array.from({ length: options.parallel }, () => context?.getSequence() ?? null);
    return new GgufModel(model, contextSize, generates, new Slots(sequences, options.queue), metrics);
  }

  constructor(model, contextSize, generates, slots, metrics) {
    this.#model = model;
    this.contextSize = contextSize;
    this.generates = generates;
    this.slots = slots;
    this.#template = model.fileInfo.metadata.tokenizer?.chat_template ?? null;
    this.promptTokens = metrics.counter('engine_prompt_tokens_total', 'Tokens read.');
    this.generatedTokens = metrics.counter('engine_generated_tokens_total', 'Tokens written.');
  }

  get vocabularySize() {
    return this.#model.fileInfo.metadata.tokenizer.ggml.tokens.length;
  }

  /** The text the model continues to answer `messages`; without a template in the file: the contents, a line each. */
  chatPrompt(messages) {
    if (this.#template === null) return messages.map(({ content }) => content).join('\n');
    const { bosString, eosString } = this.#model.tokens;
    try {
      const special = { bos_token: bosString ?? '', eos_token: eosString ?? '' };
      return new Template(this.#template).render({ messages, add_generation_prompt: true, ...special });
    } catch (error) {
      throw new HttpError(400, `the model's chat template refuses these messages: ${error.message}`, { param: 'messages' });
    }
  }

  tokenize(text) {
    const tokens = this.#model.tokenize(text, true);
    const { bos, shouldPrependBosToken } = this.#model.tokens;
    const begin = bos !== null && (tokens.length === 0 || (shouldPrependBosToken && tokens[0] !== bos));
    return begin ? [bos, ...tokens] : tokens;
  }

  /** Refuses what leaves no room in the context for one more token. */
  checkLength(length, param) {
    if (length < this.contextSize) return;
    throw new HttpError(400, `the context is ${this.contextSize} tokens, ${param} alone has ${length}`, {
      param, code: 'context_length_exceeded',
    });
  }

  /**
   * Writes on after `prompt` (tokens) on a slot of its own. `onText` is awaited for each piece of text, with the tokens so far.
   * Gives {text, finishReason, promptTokens, completionTokens}; the token that ends the text is not counted.
   */
  generate(prompt, { maxTokens, stop, ...sampling }, signal, onText = () => {}, onStart = () => {}) {
    return this.slots.use(signal, async (sequence) => {
      onStart();
      await this.#read(sequence, prompt.slice(0, -1), signal);
      const limit = Math.min(maxTokens ?? Infinity, this.contextSize - prompt.length);
      const text = new TextStream((tokens, before) => this.#model.detokenize(tokens, false, before), stop);
      this.promptTokens.add(prompt.length);
      const counts = () => ({ promptTokens: prompt.length, completionTokens: text.tokens.length });
      const finishReason = await this.#write(sequence, prompt, sampling, limit, text, signal, (piece) => onText(piece, counts()))
        .finally(() => this.generatedTokens.add(text.tokens.length));
      await onText(text.finish(), counts());
      return { text: text.written, finishReason, ...counts() };
    });
  }

  /** A unit vector for each text, in order, and the number of tokens read. */
  embed(inputs, signal) {
    return this.slots.use(signal, async () => {
      const embedder = await (this.#embedder ??= this.#createEmbedder());
      const vectors = [];
      let tokens = 0;
      for (const [index, input] of inputs.entries()) {
        if (signal.aborted) throw new ClientGone();
        // Some models read a token more at the beginning or the end.
        const length = embedder.calculateInputLength([...input]);
        this.checkLength(length, `input[${index}]`);
        tokens += length;
        vectors.push(unit((await embedder.getEmbeddingFor([...input])).vector));
      }
      this.promptTokens.add(tokens);
      return { vectors, tokens };
    });
  }

  /** Reads in steps, so that a client who leaves is noticed before a long prompt is through. */
  async #read(sequence, tokens, signal) {
    await sequence.clearHistory();
    for (let at = 0; at < tokens.length; at += PROMPT_STEP) {
      if (signal.aborted) throw new ClientGone();
      await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(at, at + PROMPT_STEP));
    }
  }

  async #write(sequence, prompt, sampling, limit, text, signal, onText) {
    const written = text.tokens;
    for await (const token of sequence.evaluate(prompt.slice(-1), evaluation(sampling, prompt, written))) {
      if (signal.aborted) throw new ClientGone();
      await onText(text.push(token));
      if (text.stopped) return 'stop';
      if (written.length >= limit) return 'length';
    }
    return 'stop';
  }

  #createEmbedder() {
    const size = { contextSize: this.contextSize, batchSize: this.contextSize };
    return this.#model.createEmbeddingContext(size).catch((error) => {
      this.#embedder = null;
      throw new HttpError(500, `the model cannot embed: ${error.message}`);
    });
  }
}

function evaluation({ temperature, topP, seed, frequencyPenalty, presencePenalty }, prompt, written) {
  return {
    temperature,
    topP: Math.max(topP, 1e-6),
    topK: 0,
    minP: 0,
    // A seed is 32 bits in llama.cpp; any whole number is folded into them.
    seed: seed === undefined ? randomInt(2 ** 32) : Number(BigInt.asUintN(32, BigInt(seed))),
    repeatPenalty: frequencyPenalty === 0 && presencePenalty === 0 ? undefined : {
      penalty: 1, frequencyPenalty, presencePenalty, punishTokens: () => [...prompt, ...written],
    },
  };
}

function unit(vector) {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
