import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { migrate } from "../../lib/migrate.js";
import { BASE, person, startBetterAuth } from "./better-auth";
import { throwAwayDatabase } from "./throw-away";

const { name, administratorUrl, databaseUrl, databaseUrlMistyped, admin } = await throwAwayDatabase();
afterAll(() => admin.drop());

const uuidPattern = /^[\da-f]{8}-[\da-f]{4}-[1-7][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

const said: string[] = [];
const run = (
	more: { databaseUrl?: string; administratorUrl?: string | undefined; resetPassword?: boolean } = {},
) => migrate({ databaseUrl, administratorUrl, say: (line) => said.push(line), ...more });

/** `npm run migrate` itself. An empty variable is not filled from .env. */
const runScript = (flags: string[], more: Record<string, string> = {}) => {
	const script = fileURLToPath(new URL("../../scripts/migrate.mjs", import.meta.url));
	const env = {
		...process.env,
		DATABASE_URL: databaseUrl,
		DATABASE_MIGRATION_URL: administratorUrl,
		...more,
	};
	return spawnSync(process.execPath, [script, ...flags], { encoding: "utf8", env });
};

describe("migrate", () => {
	it("without an administrator says what is missing", async () => {
		await expect(run({ administratorUrl: undefined })).rejects.toThrow();
		await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD 'pässword with a space'`);
		await expect(run({ administratorUrl: undefined })).rejects.toThrow("CREATE SCHEMA auth AUTHORIZATION");
		await admin.query(`DROP ROLE ${name}`);
	});

	it("makes role, schema and tables, also when two do it at once", async () => {
		// A password in a statement would be stored as md5 now; what is no password is stored as it was sent.
		await admin.query(`ALTER DATABASE ${name} SET password_encryption = 'md5'`);
		await Promise.all([run(), run()]);
		const { rows: stored } = await admin.query("SELECT rolpassword FROM pg_authid WHERE rolname = $1", [
			name,
		]);
		expect(stored[0].rolpassword).toMatch(/^SCRAM-SHA-256\$/);
		expect(said.filter((line) => line === `made role ${name}`)).toHaveLength(1);
		expect(said.filter((line) => line === "made table auth.user")).toHaveLength(1);
		const { rows } = await admin.query(
			"SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'auth' ORDER BY tablename",
		);
		expect(rows).toEqual(
			["account", "jwks", "session", "user", "verification"].map((tablename) => ({
				tablename,
				tableowner: name,
			})),
		);
	});

	it("finds nothing to do the second time, with or without an administrator", async () => {
		for (const how of [{}, { administratorUrl: undefined }]) {
			said.length = 0;
			await run(how);
			expect(said).toEqual(["Better Auth's tables are up to date"]);
		}
	});

	it("leaves a role that logs in with another password alone, and names the flag", async () => {
		const { status, stdout, stderr } = runScript([], { DATABASE_URL: databaseUrlMistyped });
		expect([status, stdout]).toEqual([1, ""]);
		expect(stderr).toContain(`role ${name} exists and does not log in`);
		expect(stderr).toContain("npm run migrate -- --reset-password");
		expect(stderr).not.toMatch(/mistyped-one|pässword|SCRAM|p%C3/);
		await run({ administratorUrl: undefined });
	});

	it("with --reset-password gives the role the password of DATABASE_URL", async () => {
		const { status, stdout, stderr } = runScript(["--reset-password"], { DATABASE_URL: databaseUrlMistyped });
		expect([status, stderr]).toEqual([0, ""]);
		expect(stdout).toContain(`gave role ${name} the password of DATABASE_URL`);
		expect(stdout).not.toContain("mistyped-one");
		await expect(run({ administratorUrl: undefined })).rejects.toThrow("authentication failed");
		await run({ resetPassword: true });

		said.length = 0;
		await run({ resetPassword: true });
		expect(said).toEqual(["Better Auth's tables are up to date"]);
	});

	it("lets a role log in that could not, with the password of DATABASE_URL", async () => {
		await admin.query(`ALTER ROLE ${name} NOLOGIN PASSWORD NULL`);
		said.length = 0;
		await run();
		expect(said[0]).toBe(`gave role ${name} the password of DATABASE_URL`);
		await run({ administratorUrl: undefined });
	});

	it("knows one flag, which takes an administrator", () => {
		expect(runScript(["--reset-pasword"]).status).toBe(64);
		const { status, stderr } = runScript(["--reset-password"], { DATABASE_MIGRATION_URL: "" });
		expect([status, stderr]).toEqual([64, expect.stringContaining("needs DATABASE_MIGRATION_URL")]);
	});

	it("refuses to run the app as its own administrator", async () => {
		await expect(run({ databaseUrl: administratorUrl })).rejects.toThrow("the same role");
	});
});

describe("the options", () => {
	const start = () => startBetterAuth(databaseUrl);

	it("put uuid and sid into the token, and nothing about the person", async () => {
		const { signUp, stop } = start();
		const { header, payload } = await (await signUp("ann@example.com")).claims();
		const { rows } = await admin.query('SELECT id, uuid::text FROM auth."user" WHERE email = $1', [
			"ann@example.com",
		]);
		const session = await admin.query('SELECT id FROM auth.session WHERE "userId" = $1', [rows[0].id]);
		expect(header).toEqual({ alg: "EdDSA", kid: expect.any(String) });
		expect(payload).toEqual({
			uuid: expect.stringMatching(uuidPattern),
			sid: session.rows[0].id,
			sub: rows[0].id,
			iss: BASE,
			aud: BASE,
			iat: expect.any(Number),
			exp: payload.iat + 900,
		});
		expect(payload.uuid).toBe(rows[0].uuid);
		await stop();
	});

	it("let nobody choose their uuid", async () => {
		const { call, stop } = start();
		const uuid = "00000000-0000-4000-8000-000000000000";
		const answer = await call("/sign-up/email", { ...person("eve@example.com"), uuid });
		expect(answer.status).toBe(400);
		expect(await answer.json()).toMatchObject({ code: "FIELD_NOT_ALLOWED" });
		await stop();
	});

	it("work the same on the column as `api-server migrate` leaves it, and migrate leaves that alone", async () => {
		await admin.query(`
			ALTER TABLE auth."user" ALTER COLUMN uuid TYPE uuid USING uuid::uuid;
			ALTER TABLE auth."user" ALTER COLUMN uuid SET DEFAULT gen_random_uuid();
			ALTER TABLE auth."user" ALTER COLUMN uuid SET NOT NULL`);
		said.length = 0;
		await run();
		expect(said).toEqual(["Better Auth's tables are up to date"]);
		const { signUp, stop } = start();
		const { payload } = await (await signUp("bob@example.com")).claims();
		const { rows } = await admin.query('SELECT uuid FROM auth."user" WHERE email = $1', ["bob@example.com"]);
		expect(payload.uuid).toBe(rows[0].uuid);
		await stop();
	});

	it("sign with one key, which is the one that is published", async () => {
		const { signUp, published, stop } = start();
		const { header } = await (await signUp("cid@example.com")).claims();
		const keys = await published();
		expect(keys).toHaveLength(1);
		expect(keys[0]).toMatchObject({ kid: header.kid, alg: "EdDSA", crv: "Ed25519", kty: "OKP" });
		expect(keys[0]).not.toHaveProperty("d");
		await stop();
	});
});
