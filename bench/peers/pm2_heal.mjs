// node pm2_heal.mjs SERVICE PORT: a service under pm2 until standard input ends; says `up` when pm2 has started it.
import { createRequire } from 'node:module';
const require = createRequire(process.env.NPM + '/x.js');
const pm2 = require('pm2');
const [service, port] = process.argv.slice(2);
const call = ask => new Promise((done, failed) => ask((error, value) => error ? failed(error) : done(value)));
await call(done => pm2.connect(done));
await call(done => pm2.start({ script: service, interpreter: 'none', args: [port], name: 'heal' }, done));
console.log('up');
process.stdin.resume().on('end', async () => {
  await call(done => pm2.delete('heal', done));
  pm2.killDaemon(() => process.exit(0));
});
