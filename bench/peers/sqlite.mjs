// node sqlite.mjs SIDE BATCH SECONDS FOLDER; SIDE: event | event-and-document
// better-sqlite3 with the tables, rows and settings of bench/store/raw_sqlite.cpp: WAL, synchronous=FULL, BATCH changes in a transaction.
import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';
const Database = createRequire(process.env.NPM + '/x.js')('better-sqlite3');
const [side, batch, seconds, folder] = process.argv.slice(2), size = +batch;
const db = new Database(folder + '/peer.db');
db.pragma('page_size=4096');
db.pragma('journal_mode=WAL');
db.pragma('synchronous=FULL');
db.exec(`CREATE TABLE events(seq INTEGER PRIMARY KEY, stream_id TEXT NOT NULL, version INT NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, meta TEXT NOT NULL, at INT NOT NULL, UNIQUE(stream_id, version));
         CREATE TABLE documents(id TEXT PRIMARY KEY, version INT NOT NULL, status TEXT NOT NULL, data TEXT NOT NULL) WITHOUT ROWID`);
const event = db.prepare("INSERT INTO events(stream_id, version, type, data, meta, at) VALUES(?,1,'step.completed',?,?,unixepoch())");
const document = db.prepare("INSERT INTO documents(id, version, status, data) VALUES(?,1,'completed',?)");
const data = JSON.stringify({ step: 'build', status: 'completed', attempt: 1, actor: 'agent-17', tenant: 't-042', durationMs: 1234, inputs: ['a1b2c3', 'd4e5f6'], note: 'x'.repeat(48) });
const meta = JSON.stringify({ command_id: '0190a000-0000-7000-8000-000000000000', command: 'step.complete', principal: 'operator' });
const body = JSON.stringify({ name: 'build', status: 'completed', attempts: 1, actor: 'agent-17', inputs: ['a1b2c3', 'd4e5f6'], durationMs: 1234 });
const write = db.transaction(() => {
  for (let i = 0; i < size; i++) {
    const id = randomUUID();
    event.run(id, data, meta);
    if (side !== 'event') document.run(id, body);
  }
}).immediate;
for (const warm = performance.now() + 300; performance.now() < warm;) write();
const took = [], start = performance.now(), end = start + seconds * 1000;
let rows = 0;
for (let begin; (begin = performance.now()) < end;) {
  write();
  rows += size;
  took.push(performance.now() - begin);
}
const elapsed = (performance.now() - start) / 1000;
took.sort((a, b) => a - b);
const at = part => Math.round(took[Math.floor((took.length - 1) * part)] * 1000);
console.log(JSON.stringify({ per_second: rows / elapsed, p50_us: at(.5), p99_us: at(.99), sqlite: db.prepare('SELECT sqlite_version() AS v').get().v }));
