/**
 * Turns tokens into text as they come. Holds back what is not certain yet: the first bytes of a character, and the beginning of
 * what may become a stop sequence.
 */
export class TextStream {
  tokens = [];
  written = '';
  stopped = false;
  #pending = [];
  #held = '';
  #detokenize;
  #stop;

  constructor(detokenize, stop = []) {
    this.#detokenize = detokenize;
    this.#stop = stop;
  }

  /** Takes a token, gives the text that is certain now, '' often. */
  push(token) {
    this.tokens.push(token);
    this.#pending.push(token);
    const text = this.#decode();
    // A character is four bytes, so four tokens, at most: what is still broken then stays broken.
    if (text.endsWith('\ufffd') && this.#pending.length < 4) return '';
    this.#pending = [];
    return this.#release(text, false);
  }

  /** Gives what was held back, at the end of the tokens. */
  finish() {
    return this.stopped ? '' : this.#release(this.#decode(), true);
  }

  #decode() {
    const at = this.tokens.length - this.#pending.length;
    return this.#pending.length === 0 ? '' : this.#detokenize(this.#pending, this.tokens.slice(Math.max(0, at - 8), at));
  }

  #release(text, all) {
    const candidate = this.#held + text;
    const found = this.#stop.map((stop) => candidate.indexOf(stop)).filter((at) => at >= 0);
    this.stopped = found.length > 0;
    const end = this.stopped ? Math.min(...found) : candidate.length - (all ? 0 : this.#uncertain(candidate));
    this.#held = candidate.slice(end);
    this.written += candidate.slice(0, end);
    return candidate.slice(0, end);
  }

  /** The length of the longest end of `text` a stop sequence begins with. */
  #uncertain(text) {
    const longest = Math.max(0, ...this.#stop.map((stop) => stop.length - 1));
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const end = text.slice(-length);
      if (this.#stop.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  }
}
