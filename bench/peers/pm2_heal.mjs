// node pm2_heal.mjs SERVICE PORT KILLS: from kill -9 of a service under pm2 to an answer of the one in its place, in ms.
import { createRequire } from 'node:module';
import http from 'node:http';
const require = createRequire(process.env.NPM + '/x.js');
const pm2 = require('pm2');
const [service, port, kills] = process.argv.slice(2);
const get = () => new Promise(answer => {
  const asked = http.get({ port: +port, host: '127.0.0.1', agent: false }, got => { let text = ''; got.on('data', d => text += d); got.on('end', () => answer(text)); });
  asked.on('error', () => answer(null));
});
const healthy = async not => { for (;;) { const pid = await get(); if (pid && pid !== not) return pid; } };
const call = ask => new Promise((done, failed) => ask((error, value) => error ? failed(error) : done(value)));
const pause = ms => new Promise(done => setTimeout(done, ms));
await call(done => pm2.connect(done));
await call(done => pm2.start({ script: service, interpreter: 'none', args: [port], name: 'heal' }, done));
await healthy();
const took = [];
for (let i = 0; i < +kills; i++) {
  await pause(1200);  // pm2 waits longer for what fails within a second
  const pid = await get(), begin = performance.now();
  process.kill(+pid, 'SIGKILL');
  await healthy(pid);
  took.push(performance.now() - begin);
}
await call(done => pm2.delete('heal', done));
console.log(JSON.stringify({ ms: took }));
pm2.killDaemon(() => process.exit(0));
