// An engine whose model file says how it behaves: {"behaviour": "...", ...}. For bad luck that real engines have too seldom.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createRawServer } from 'node:net';

const option = (name) => process.argv[process.argv.indexOf(`--${name}`) + 1];
const events = process.argv.includes('--events');
const model = JSON.parse(readFileSync(option('model'), 'utf8'));
const emit = (event, fields = {}) => events && process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
const leave = () => process.exit(0);

if (process.argv.includes('--exit-with-parent')) process.stdin.on('end', leave).on('close', leave).resume();
process.on('SIGTERM', () => model.behaviour === 'stubborn' ? console.error('not now') : leave());
console.error(`behaving ${model.behaviour}, environment: ${Object.keys(process.env).sort().join(' ')}`);
if (model.pidFile) writeFileSync(model.pidFile, String(process.pid));

const once = () => {
  if (existsSync(model.onceFile)) return false;
  writeFileSync(model.onceFile, '');
  return true;
};

const garbage = 'all your base are belong to us\r\n\r\n';
let turned = '';
let stumbling;

const server = model.behaviour === 'garbage'
  ? createRawServer((socket) => socket.on('data', () => socket.end(garbage)))
  : createServer((request, response) => {
    if (request.url === '/crash') process.kill(process.pid, 'SIGSEGV');
    if (turned === 'silence') return;
    if (turned === 'garbage') return void response.socket.end(garbage);
    turned = request.url.startsWith('/turn/') ? request.url.slice('/turn/'.length) : '';
    // Answered when two probes have been answered wrongly, and the next one rightly.
    if (request.url === '/stumble') return void (stumbling = { response, wrong: 2 });
    response.statusCode = model.behaviour === 'wrong' || stumbling?.wrong > 0 ? 404 : 200;
    response.end(model.answer ?? 'fine');
    if (stumbling && stumbling.wrong-- === 0) stumbling = void stumbling.response.end('over');
  });

server.listen(Number(option('port')), '127.0.0.1', () => {
  emit('listening', { port: server.address().port });
  emit('loading', { progress: 0.5 });
  switch (model.behaviour) {
    case 'hang': return;
    case 'crash': console.error('out of luck'); process.exit(7); return;
    case 'crash-once': if (once()) process.exit(9); break;
    case 'refuse': emit('failed', { reason: 'the model is of a kind that I do not know' }); process.exitCode = 1; server.close(); process.stdin.destroy(); return;
    case 'noise': process.stdout.write('{"not an event\n\u0007{}\n[]\nnull\n'.repeat(50)); break;
  }
  emit('ready');
});
