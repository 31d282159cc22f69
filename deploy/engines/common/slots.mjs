import { ClientGone, HttpError } from './errors.mjs';

/** Hands out a fixed set of resources, one to a request; requests beyond them wait first in, first out, up to a bound. */
export class Slots {
  #free;
  #waiting = [];
  #bound;

  constructor(resources, bound) {
    this.#free = [...resources];
    this.size = resources.length;
    this.#bound = bound;
  }

  get waiting() {
    return this.#waiting.length;
  }

  get taken() {
    return this.size - this.#free.length;
  }

  /** Runs `work(resource)` on the next free resource and gives the resource back whatever happens. */
  async use(signal, work) {
    const resource = await this.#take(signal);
    try {
      return await work(resource);
    } finally {
      this.#give(resource);
    }
  }

  #take(signal) {
    if (signal.aborted) return Promise.reject(new ClientGone());
    if (this.#free.length > 0) return Promise.resolve(this.#free.shift());
    if (this.#waiting.length >= this.#bound) {
      throw new HttpError(503, `all ${this.size} slots are busy and ${this.#bound} requests wait already`, {
        type: 'overloaded_error', code: 'queue_full', headers: { 'retry-after': '1' },
      });
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(new ClientGone());
      };
      const enter = (resource) => {
        signal.removeEventListener('abort', leave);
        resolve(resource);
      };
      this.#waiting.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #give(resource) {
    const next = this.#waiting.shift();
    if (next) next(resource);
    else this.#free.push(resource);
  }
}
