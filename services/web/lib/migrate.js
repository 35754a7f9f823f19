import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { getMigrations } from "better-auth/db/migration";
import pg from "pg";
import { authOptions } from "./auth-options.js";
import { openPool, SCHEMA } from "./database.js";

/** Any number will do that others do not use: it keeps two runs from making the same table at the same time. */
const LOCK = 0x6472_6177;
const APPLICATION = "drawbridge-web migrate";

/**
 * Makes or updates Better Auth's tables in schema `auth`. Safe to run again, and by several at once.
 *
 * @param {object} to
 * @param {string} to.databaseUrl of the role that the app runs as, whose tables they will be
 * @param {string | undefined} to.administratorUrl of somebody who makes that role and the schema first, where they are missing
 * @param {boolean} [to.resetPassword] whether a role that logs in with another password than `databaseUrl` has gets this one
 * @param {(line: string) => void} to.say what was done
 */
export async function migrate({ databaseUrl, administratorUrl, resetPassword = false, say }) {
	if (administratorUrl) await prepare({ databaseUrl, administratorUrl, resetPassword, say });

	// Two connections: one holds the lock, the other is Better Auth's.
	const pool = openPool(databaseUrl, { max: 2, application_name: APPLICATION });
	try {
		const lock = await pool.connect();
		try {
			await lock.query("SELECT pg_advisory_lock($1)", [LOCK]);
			const schema = (await lock.query("SELECT current_schema() AS name")).rows[0].name;
			if (schema === null) {
				throw new Error(
					`schema ${SCHEMA} is missing, or this role may not use it; set DATABASE_MIGRATION_URL, or have an administrator run: CREATE SCHEMA ${SCHEMA} AUTHORIZATION <the role of DATABASE_URL>`,
				);
			}
			const { toBeCreated, toBeAdded, runMigrations } = await getMigrations(authOptions(pool));
			await runMigrations();
			for (const { table } of toBeCreated) say(`made table ${schema}.${table}`);
			for (const { table, fields } of toBeAdded)
				say(`added to ${schema}.${table}: ${Object.keys(fields).join(", ")}`);
			if (toBeCreated.length + toBeAdded.length === 0) say("Better Auth's tables are up to date");
		} finally {
			// Ends the session, and with it the lock.
			lock.release(true);
		}
	} finally {
		await pool.end();
	}
}

/**
 * As the administrator: the role that the app's URL names, able to log in with its password, and a schema of its own.
 *
 * @param {object} to
 * @param {string} to.databaseUrl
 * @param {string} to.administratorUrl
 * @param {boolean} to.resetPassword
 * @param {(line: string) => void} to.say
 */
async function prepare({ databaseUrl, administratorUrl, resetPassword, say }) {
	const { username, password } = new URL(databaseUrl);
	const role = decodeURIComponent(username);
	if (!role) throw new Error("DATABASE_URL names no role");
	const roleName = pg.escapeIdentifier(role);

	const db = new pg.Client({
		connectionString: administratorUrl,
		application_name: APPLICATION,
		connectionTimeoutMillis: 5_000,
	});
	const one = async (/** @type {string} */ sql, /** @type {string[]} */ ...values) =>
		(await db.query(sql, values)).rows[0];
	await db.connect();
	try {
		await db.query("SELECT pg_advisory_lock($1)", [LOCK]);
		const me = await one(
			"SELECT rolname AS name, rolsuper AS super FROM pg_roles WHERE rolname = current_user",
		);
		if (me.name === role) {
			throw new Error(
				"DATABASE_URL and DATABASE_MIGRATION_URL name the same role; give the app one of its own",
			);
		}

		const known = await one('SELECT rolcanlogin AS "logsIn" FROM pg_roles WHERE rolname = $1', role);
		const login = password
			? `LOGIN PASSWORD ${pg.escapeLiteral(scramVerifier(decodeURIComponent(password)))}`
			: "LOGIN";
		if (!known) {
			await db.query(`CREATE ROLE ${roleName} ${login}`);
			say(`made role ${role}`);
		} else if (password && (!known.logsIn || (await refusesPassword(databaseUrl)))) {
			// It may be in use: a mistyped DATABASE_URL must not lock out whoever knows the password.
			if (known.logsIn && !resetPassword) {
				throw new Error(
					`role ${role} exists and does not log in with the password of DATABASE_URL; correct that, or run \`npm run migrate -- --reset-password\` to give the role this password in place of its own`,
				);
			}
			await db.query(`ALTER ROLE ${roleName} ${login}`);
			say(`gave role ${role} the password of DATABASE_URL`);
		}

		// Who is no superuser can hand a schema only to a role that they are a member of.
		if (!me.super) await db.query(`GRANT ${roleName} TO CURRENT_USER`);
		if (await one("SELECT FROM pg_namespace WHERE nspname = $1", SCHEMA)) {
			// Somebody else's schema stays theirs (Supabase has one of this name): our tables fit in beside others.
			await db.query(`GRANT USAGE, CREATE ON SCHEMA ${SCHEMA} TO ${roleName}`);
		} else {
			await db.query(`CREATE SCHEMA ${SCHEMA} AUTHORIZATION ${roleName}`);
			say(`made schema ${SCHEMA}`);
		}
	} finally {
		await db.end();
	}
}

/** @param {string} databaseUrl */
async function refusesPassword(databaseUrl) {
	const db = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
	try {
		await db.connect();
		return false;
	} catch (error) {
		// This code alone is about the password. No other one changes with a new password: pg_hba.conf, for instance.
		if (error instanceof pg.DatabaseError && error.code === "28P01") return true;
		throw error;
	} finally {
		await db.end();
	}
}

/**
 * What the server stores instead of a password (RFC 5803). Sent in place of the password, because statements end up in logs.
 *
 * @param {string} password
 */
function scramVerifier(password) {
	const iterations = 4096;
	const salt = randomBytes(16);
	const salted = pbkdf2Sync(password.normalize("NFKC"), salt, iterations, 32, "sha256");
	const keyed = (/** @type {string} */ text) => createHmac("sha256", salted).update(text).digest();
	const storedKey = createHash("sha256").update(keyed("Client Key")).digest("base64");
	return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${keyed("Server Key").toString("base64")}`;
}
