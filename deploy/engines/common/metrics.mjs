/** Counters and gauges in Prometheus' text format. */
export class Metrics {
  #families = new Map();

  counter(name, help) {
    const samples = new Map();
    this.#families.set(name, { type: 'counter', help, read: () => samples });
    return { add: (amount, labels = {}) => samples.set(key(labels), (samples.get(key(labels)) ?? 0) + amount) };
  }

  /** `read` is called at each scrape. */
  gauge(name, help, read) {
    this.#families.set(name, { type: 'gauge', help, read: () => new Map([['', read()]]) });
  }

  toString() {
    return [...this.#families].map(([name, { type, help, read }]) => {
      const samples = [...read()].map(([labels, value]) => `${name}${labels} ${value}\n`);
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join('')}`;
    }).join('');
  }
}

function key(labels) {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(String(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escape(value) {
  return value.replace(/[\\"\n]/g, (character) => ({ '\\': '\\\\', '"': '\\"', '\n': '\\n' })[character]);
}
