// The PostgreSQL server of the tests, which FLOWDOCK_TEST_POSTGRES names.

import { randomUUID } from "node:crypto";
import { after } from "node:test";
import pg from "pg";

/**
 * Makes an empty schema, which is removed after the tests, and returns a function that makes pools of connections to it.
 *
 * @returns {Promise<() => import("pg").Pool>}
 */
export async function emptySchema() {
  const url = process.env.FLOWDOCK_TEST_POSTGRES;
  if (!url)
    throw new Error("FLOWDOCK_TEST_POSTGRES must be the URL of a PostgreSQL server; `cargo xtask test` sets it");
  const schema = `outbox_${randomUUID().replaceAll("-", "")}`;
  const pools = [];
  const make = () => {
    const pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}`, max: 4 });
    // A pool ends the process for a connection that breaks while nobody uses it.
    pool.on("error", () => {});
    pools.push(pool);
    return pool;
  };
  await make().query(`CREATE SCHEMA ${schema}`);
  after(async () => {
    await make().query(`DROP SCHEMA ${schema} CASCADE`);
    await Promise.all(pools.map((pool) => pool.end()));
  });
  return make;
}

/** The function that a store takes. */
export const queryOf = (connection) => (text, values) => connection.query(text, values);
