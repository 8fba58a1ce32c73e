// node appends.mjs MODE CONCURRENCY SECONDS; MODE: pg-insert | emmett | messagedb | messagedb-32cat
// One process; each of CONCURRENCY loops appends one event to a fresh stream and awaits its durable commit. The server is
// the one of PGHOST and PGUSER; databases `emmett` and `message_store` lie there.
import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';
const require = createRequire(process.env.NPM + '/x.js');
const pg = require('pg');
const [mode, concurrency, seconds] = process.argv.slice(2), max = +concurrency;
const data = { step: 'build', status: 'completed', attempt: 1, actor: 'agent-17', tenant: 't-042', durationMs: 1234, inputs: ['a1b2c3', 'd4e5f6'], note: 'x'.repeat(48) };
const text = JSON.stringify(data);
let append;
if (mode === 'pg-insert') {
  const pool = new pg.Pool({ max, database: 'postgres' });
  const query = { name: 'i', text: "INSERT INTO events(stream_id,version,type,data) VALUES ($1,1,'StepCompleted',$2)" };
  append = () => pool.query({ ...query, values: [randomUUID(), text] });
} else if (mode === 'emmett') {
  const { getPostgreSQLEventStore } = require('@event-driven-io/emmett-postgresql');
  const pool = new pg.Pool({ max, database: 'emmett' });
  const store = getPostgreSQLEventStore(`postgresql://${process.env.PGUSER}@localhost/emmett`, { connectionOptions: { pool } });
  await store.schema.migrate();
  append = () => store.appendToStream('run-' + randomUUID(), [{ type: 'StepCompleted', data }]);
} else {
  const pool = new pg.Pool({ max, database: 'message_store', options: '-c search_path=message_store' });
  let number = 0;
  const category = mode === 'messagedb' ? () => 'run' : () => 'run' + (number++ & 31);
  append = () => pool.query({ name: 'w', text: 'SELECT write_message($1,$2,$3,$4,$5,$6)', values: [randomUUID(), category() + '-' + randomUUID(), 'StepCompleted', text, null, -1] });
}
const during = async (length, took) => {
  const end = performance.now() + length * 1000;
  await Promise.all(Array.from({ length: max }, async () => {
    for (let begin; (begin = performance.now()) < end;) {
      await append();
      took.push(performance.now() - begin);
    }
  }));
};
await during(1.5, []);  // connections, plans, and the compiler of hot code
const took = [], start = performance.now();
await during(+seconds, took);
const elapsed = (performance.now() - start) / 1000;
took.sort((a, b) => a - b);
const at = part => Math.round(took[Math.floor((took.length - 1) * part)] * 1000);
console.log(JSON.stringify({ per_second: took.length / elapsed, p50_us: at(.5), p99_us: at(.99) }));
process.exit(0);
