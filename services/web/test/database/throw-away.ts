import { randomBytes } from "node:crypto";
import pg from "pg";

/**
 * A database of its own on the PostgreSQL of which DATABASE_MIGRATION_URL is an administrator, and the name of a role for the
 * app, which does not exist yet. `admin.drop()` takes both away.
 */
export async function throwAwayDatabase() {
	const server = process.env.DATABASE_MIGRATION_URL;
	if (!server)
		throw new Error("DATABASE_MIGRATION_URL is missing: an administrator of a PostgreSQL to test on");

	const name = `web_test_${randomBytes(4).toString("hex")}`;
	const own = new URL(server);
	own.pathname = `/${name}`;
	const administratorUrl = own.href;
	own.username = name;
	own.password = encodeURIComponent("pässword with a space");
	const databaseUrl = own.href;
	own.password = "mistyped-one";
	const databaseUrlMistyped = own.href;

	await onServer(`CREATE DATABASE ${name}`);
	const client = new pg.Client({ connectionString: administratorUrl });
	await client.connect();
	const admin = {
		query: (sql: string, values?: unknown[]) => client.query(sql, values),
		async drop() {
			await client.end();
			await onServer(`DROP DATABASE ${name} WITH (FORCE)`, `DROP ROLE IF EXISTS ${name}`);
		},
	};
	return { name, administratorUrl, databaseUrl, databaseUrlMistyped, admin };

	async function onServer(...statements: string[]) {
		const maintenance = new pg.Client({ connectionString: server });
		await maintenance.connect();
		for (const statement of statements) await maintenance.query(statement);
		await maintenance.end();
	}
}
