// mysql2 against the gateway: mysql2.js text|prepares; what it prints: python/report.py.
'use strict';
const fs = require('fs');
const path = require('path');
const mysql = require('mysql2/promise');

const prepares = process.argv[2] === 'prepares';
const TEXT = 'it\'s "q" \\ % ? 订单 😀';
const options = {
  host: process.env.SB_HOST, port: Number(process.env.SB_PORT), user: process.env.SB_USER, password: process.env.SB_PASSWORD,
  database: process.env.SB_DATABASE, dateStrings: true, supportBigNumbers: true, bigNumberStrings: true, rowsAsArray: true,
  jsonStrings: true,
  // a frontend says utf8 (33), of which mysql2 makes CESU-8: characters beyond U+FFFF would come as four wrong ones
  typeCast: (field, next) => (field.type === 'VAR_STRING' && field.name !== 'c_bin' ? field.string('utf8') : next()),
};
const pool = mysql.createPool({ ...options, connectionLimit: 1 });
let failed = false;

function cell(value) {
  if (value === null || value === undefined) return '\\N';
  if (Buffer.isBuffer(value)) return value.toString('hex');
  return String(value).replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n');
}

async function step(name, work) {
  try {
    for (const row of await work()) console.log([name, ...row.map(cell)].join('\t'));
  } catch (e) {
    failed = true;
    console.log(['!' + name, cell(`${e.code} ${e.errno} ${e.message}`)].join('\t'));
  }
}

// with parameters: written into the text by the driver, or prepared on the server
async function rows(sql, parameters, on = pool) {
  const [got] = await (prepares && parameters ? on.execute(sql, parameters) : on.query(sql, parameters));
  return got;
}

async function value(sql, on) {
  return (await rows(sql, undefined, on))[0][0];
}

const names = ['tiny', 'small', 'int', 'big', 'large', 'bool', 'float', 'double', 'dec', 'date', 'time', 'char', 'text'];
const values = [-128, -32768, 2147483647, '-9223372036854775808', '170141183460469231731687303715884105727', true, 0.5, 0.1,
  '1234567890123456.7891', '2024-02-29', '2024-12-31 23:59:58', 'abc', TEXT];

async function filtered() {
  return rows('SELECT id FROM every WHERE ' + names.map((name) => `c_${name} = ?`).join(' AND '), values);
}

async function inserted() {
  const sql = 'INSERT INTO sink VALUES (' + Array(16).fill('?').join(', ') + ')';
  await rows(sql, [1, ...values, '{"a": 1}', Buffer.from([0, 0xff, 0x5c, 0x27])]);
  await rows(sql, [2, ...Array(15).fill(null)]);
  return rows('SELECT * FROM sink WHERE id < ? ORDER BY id', [100]);
}

async function batch() {
  const many = Array.from({ length: 1000 }, (_, n) => [n + 100, `row ${n}`]);
  await pool.query('INSERT INTO sink (id, c_text) VALUES ?', [many]);
  return [[await value('SELECT COUNT(*) FROM sink WHERE id >= 100')]];
}

async function refused() {
  try {
    await rows('SELECT * FROM hidden.every');
  } catch (e) {
    return [[e.errno, await value('SELECT 1')]];
  }
  return [['not refused']];
}

async function transaction() {
  const counts = [];
  for (const end of ['rollback', 'commit']) {
    const own = await pool.getConnection();
    await own.beginTransaction();
    await own.query('INSERT INTO sink (id) VALUES (50)');
    await own[end]();
    own.release();
    counts.push(await value('SELECT COUNT(*) FROM sink WHERE id = 50'));
  }
  return [counts];
}

async function cancelled() {
  const own = await pool.getConnection();
  const other = await mysql.createConnection(options);
  const kill = setTimeout(() => other.query(`KILL QUERY ${own.threadId}`), 500);
  let said = 'went on';
  try {
    await own.query('SELECT SLEEP(60)');
  } catch (e) {
    said = `cancelled: ${e.message}`;
  }
  clearTimeout(kill);
  await other.end();
  own.release();
  return [[said, await value('SELECT 1')]];
}

async function reset() {
  const own = await pool.getConnection();
  await own.query('SET @kept = 5');
  await own.reset();
  const got = [await value('SELECT @kept', own)];
  await own.changeUser({ database: options.database });
  got.push(await value('SELECT DATABASE()', own));
  own.release();
  return [got];
}

async function reconnected() {
  const other = await mysql.createConnection(options);
  await other.query(`KILL ${await value('SELECT CONNECTION_ID()')}`);
  await other.end();
  for (;;) {
    try {
      return [[await value('SELECT DATABASE()')]]; // the pool drops what has ended and opens another
    } catch (e) {
      if (!e.fatal && e.code !== 'PROTOCOL_CONNECTION_LOST' && e.code !== 'ECONNRESET') throw e;
    }
  }
}

(async () => {
  const own = JSON.parse(fs.readFileSync(path.join(path.dirname(require.resolve('mysql2')), 'package.json')));
  await step('version', async () => [[own.version]]);
  await step('projects', () => rows('SHOW DATABASES'));
  await step('tables', async () => (await rows('SHOW FULL TABLES')).map((row) => [row[0]]));
  await step('columns', async () => (await rows('SHOW FULL COLUMNS FROM every')).map((row) => [row[0]]));
  await step('described', async () => (await pool.query('SELECT * FROM every'))[1].map((field) => [field.name]));
  await step('text', () => rows('SELECT * FROM every ORDER BY id'));
  await step('filtered', filtered);
  await step('inserted', inserted);
  await step('batch', batch);
  await step('refused', refused);
  await step('transaction', transaction);
  await step('cancelled', cancelled);
  await step('reset', reset);
  await step('reconnected', reconnected);
  await pool.end();
  process.exit(failed ? 1 : 0);
})();
