import pg from "pg";

/** The schema that holds Better Auth's tables and nothing else. */
export const SCHEMA = "auth";

/**
 * A pool whose connections see schema `auth` first and only. An `options` parameter in the URL itself wins, for a Better Auth
 * whose tables have always lived in `public`: `?options=-c%20search_path%3Dpublic`.
 *
 * @param {string} url
 * @param {pg.PoolConfig} [more]
 */
export function openPool(url, more) {
	const pool = new pg.Pool({
		connectionString: url,
		options: `-c search_path=${SCHEMA}`,
		application_name: "drawbridge-web",
		max: 10,
		connectionTimeoutMillis: 5_000,
		...more,
	});
	// An idle connection that breaks (a restart of PostgreSQL) is replaced by the pool; without a listener it would end the process.
	pool.on("error", (error) => console.warn(`an idle database connection was lost: ${error.message}`));
	return pool;
}
