// The PostgreSQL server of the tests, which FLOWDOCK_TEST_POSTGRES names.

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import pg from "pg";

/** The number of the account `nobody`. */
const NOBODY = 65_534;

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

/**
 * Starts a server of this test alone, which the test may crash. FLOWDOCK_TEST_POSTGRES_BIN is the folder of PostgreSQL's programs.
 */
export async function startCluster() {
  const programs = process.env.FLOWDOCK_TEST_POSTGRES_BIN;
  if (!programs)
    throw new Error("FLOWDOCK_TEST_POSTGRES_BIN must be the folder of initdb and pg_ctl; `cargo xtask test` sets it");
  const folder = await mkdtemp(join(tmpdir(), "flowdock-postgres-"));
  // PostgreSQL refuses to run as root.
  const account = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (account.uid) await chown(folder, account.uid, account.gid);
  const data = join(folder, "data");
  const run = async (program, ...given) => {
    const child = spawn(join(programs, program), given, {
      ...account,
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const [status] = await once(child, "exit");
    if (status !== 0)
      throw new Error(`${program} ended with ${status}: ${await readFile(join(folder, "log"), "utf8")}`);
  };
  const control = (...given) => run("pg_ctl", "--pgdata", data, "--log", join(folder, "log"), "--wait", ...given);
  await writeFile(join(folder, "log"), "", { mode: 0o666 });
  await chmod(join(folder, "log"), 0o666);
  await run("initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust", "--no-sync");
  await control("start", "--options", `-c listen_addresses= -c unix_socket_directories=${folder}`);
  return {
    connection: { host: folder, user: "postgres", database: "postgres" },
    /** Ends all of its processes at once, and starts it again. */
    crash: () => control("restart", "--mode", "immediate"),
    async stop() {
      await control("stop", "--mode", "immediate");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
