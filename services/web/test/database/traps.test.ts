import { jwt } from "better-auth/plugins";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate } from "../../lib/migrate.js";
import { BASE, person, startBetterAuth } from "./better-auth";
import { throwAwayDatabase } from "./throw-away";

// What docs/better-auth.md tells people to expect of Better Auth. With a new version, what has changed fails here first.

const { databaseUrl, administratorUrl, admin } = await throwAwayDatabase();
const app = startBetterAuth(databaseUrl);
beforeAll(() => migrate({ databaseUrl, administratorUrl, say() {} }));
afterAll(async () => {
	await app.stop();
	await admin.drop();
});

const UUID = /^[\da-f]{8}-[\da-f]{4}-/;

describe("the claim uuid", () => {
	it("is absent without a word where the column is not declared", async () => {
		await admin.query('UPDATE auth."user" SET uuid = gen_random_uuid() WHERE uuid IS NULL');
		const silent = startBetterAuth(databaseUrl, () => ({ user: {}, databaseHooks: {} }));
		const ann = await silent.signUp("ann@traps.example");
		const { payload } = await ann.claims();
		expect(payload).not.toHaveProperty("uuid");
		expect(payload).toHaveProperty("sid");
		await silent.stop();
	});

	it("is null where nothing fills the column", async () => {
		const empty = startBetterAuth(databaseUrl, () => ({ databaseHooks: {} }));
		const bob = await empty.signUp("bob@traps.example");
		expect((await bob.claims()).payload.uuid).toBeNull();
		await empty.stop();
	});

	it("does not come of options that do not exist, and nothing complains of them", async () => {
		let called = 0;
		const imagined = {
			user: {},
			databaseHooks: {},
			hooks: { user: { created: () => ++called } },
			plugins: [jwt({ algorithm: "ES256", jwt: () => ({ called: ++called }) } as object)],
		};
		const app = startBetterAuth(databaseUrl, () => imagined);
		const { header, payload } = await (await app.signUp("cid@traps.example")).claims();
		expect(called).toBe(0);
		expect(header.alg).toBe("EdDSA");
		expect(payload).not.toHaveProperty("uuid");
		// Better Auth's own choice: the whole user, with name and address.
		expect(payload).toMatchObject({ name: "Ann", email: "cid@traps.example" });
		await app.stop();
	});

	it("by defaultValue in place of a hook makes a forbidden uuid a failed insert", async () => {
		const byDefault = startBetterAuth(databaseUrl, ({ user }) => ({
			databaseHooks: {},
			user: {
				additionalFields: {
					uuid: { ...user.additionalFields.uuid, defaultValue: () => crypto.randomUUID() },
				},
			},
		}));
		const dot = await byDefault.signUp("dot@traps.example");
		expect((await dot.claims()).payload.uuid).toMatch(UUID);
		const uuid = "00000000-0000-4000-8000-000000000000";
		const chosen = await byDefault.call("/sign-up/email", { ...person("eve@traps.example"), uuid });
		expect(chosen.status).toBe(422);
		await byDefault.stop();
	});
});

describe("a token", () => {
	it("is not what sign-in answers, nor what the session holds", async () => {
		const answer = await app.call("/sign-up/email", person("fay@traps.example"));
		const { token } = (await answer.json()) as { token: string };
		expect(token).toMatch(/^\w{32}$/);
		const [cookie = ""] = answer.headers.getSetCookie().map((text) => text.split(";")[0] ?? "");
		const session = await app.visitor(cookie).ask("/get-session");
		expect(((await session.json()) as { session: { token: string } }).session.token).toBe(token);
		expect(session.headers.get("set-auth-jwt")).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
	});

	it("has no typ, and is asked for with GET at /token and nowhere else", async () => {
		const gus = await app.signUp("gus@traps.example");
		expect((await gus.claims()).header).toEqual({ alg: "EdDSA", kid: expect.any(String) });
		expect((await gus.ask("/token", {})).status).toBe(404);
		expect((await gus.ask("/get-token")).status).toBe(404);
		const token = await gus.ask("/token");
		expect(token.headers.get("Cache-Control")).toBeNull();
	});

	it("is refused with 401 to whoever is signed out, while get-session says null with 200", async () => {
		const answer = await app.call("/token");
		expect([answer.status, await answer.json()]).toEqual([
			401,
			{ message: "Unauthorized", code: "UNAUTHORIZED" },
		]);
		const session = await app.call("/get-session");
		expect([session.status, await session.json()]).toEqual([200, null]);
	});

	it("of a session that was signed out is still made where cookieCache is on", async () => {
		const cached = startBetterAuth(databaseUrl, () => ({ session: { cookieCache: { enabled: true } } }));
		const hal = await cached.signUp("hal@traps.example");
		const { payload } = await hal.claims();
		await admin.query("DELETE FROM auth.session WHERE id = $1", [payload.sid]);
		await admin.query('DELETE FROM auth."user" WHERE id = $1', [payload.sub]);
		expect((await hal.claims()).payload.sid).toBe(payload.sid);
		await cached.stop();

		const ivy = await app.signUp("ivy@traps.example");
		const own = (await ivy.claims()).payload;
		await admin.query("DELETE FROM auth.session WHERE id = $1", [own.sid]);
		expect((await ivy.ask("/token")).status).toBe(401);
	});

	it("names the session, whose id stays when it is renewed and changes with the password", async () => {
		const jan = await app.signUp("jan@traps.example");
		const { sid } = (await jan.claims()).payload;
		// Older than `updateAge`, a day: the next look renews it.
		await admin.query(`UPDATE auth.session SET "expiresAt" = "expiresAt" - interval '2 days' WHERE id = $1`, [
			sid,
		]);
		await jan.ask("/get-session");
		const { rows } = await admin.query(
			`SELECT "expiresAt" > now() + interval '6 days' AS renewed FROM auth.session WHERE id = $1`,
			[sid],
		);
		expect(rows).toEqual([{ renewed: true }]);
		expect((await jan.claims()).payload.sid).toBe(sid);

		const changed = await jan.ask("/change-password", {
			currentPassword: person("x").password,
			newPassword: "another bridge",
			revokeOtherSessions: true,
		});
		expect(changed.status).toBe(200);
		expect((await jan.ask("/token")).status).toBe(401);
		const [cookie = ""] = changed.headers.getSetCookie().map((text) => text.split(";")[0] ?? "");
		expect((await app.visitor(cookie).claims()).payload.sid).not.toBe(sid);
	});
});

describe("the key set", () => {
	it("is at /jwks under /api/auth only, without a word on caching, and there is no discovery", async () => {
		const keys = await app.call("/jwks");
		expect(keys.status).toBe(200);
		for (const name of ["Cache-Control", "ETag", "Expires"]) expect(keys.headers.get(name)).toBeNull();
		expect((await app.call("/jwks/")).status).toBe(404);
		expect((await app.call("/.well-known/openid-configuration")).status).toBe(404);
		expect((await app.call("/.well-known/jwks.json")).status).toBe(404);
	});

	it("of a new database may differ between two who ask at once: unknown keys have to be asked for again", async () => {
		await admin.query("DELETE FROM auth.jwks");
		await Promise.all(Array.from({ length: 8 }, () => app.call("/jwks")));
		const { rows } = await admin.query("SELECT id FROM auth.jwks");
		expect(rows.length).toBeGreaterThan(1);
		const kid = (await (await app.signUp("kim@traps.example")).claims()).header.kid;
		expect((await app.published()).map((key) => key.kid)).toContain(kid);
	});
});

describe("a request that changes something", () => {
	const signIn = (headers: Record<string, string>) => {
		const request = new Request(`${BASE}/api/auth/sign-in/email`, {
			method: "POST",
			headers: { "Content-Type": "application/json", ...headers },
			body: JSON.stringify(person("lee@traps.example")),
		});
		return app.auth.handler(request);
	};

	it("is taken of the app's origin and refused of any other", async () => {
		await app.signUp("lee@traps.example");
		expect((await signIn({ Origin: BASE })).status).toBe(200);
		const refused = await signIn({ Origin: "http://evil.example" });
		expect(refused.status).toBe(403);
		expect(await refused.json()).toMatchObject({ code: "INVALID_ORIGIN" });
	});

	it("needs an origin as soon as there is a cookie, or a browser's (or Node's) fetch headers", async () => {
		const { cookie } = await app.signIn("lee@traps.example");
		const ofBrowsers: Record<string, string>[] = [
			{ Cookie: cookie },
			{ "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "cross-site" },
		];
		for (const headers of ofBrowsers) {
			const refused = await signIn(headers);
			expect(refused.status).toBe(403);
		}
		expect((await signIn({})).status).toBe(200);
	});
});

describe("users whose ids are UUIDs", () => {
	it("need no claim of their own: sub is one, and keys and sessions have such ids as well", async () => {
		const fresh = await throwAwayDatabase();
		const uuids = () => ({
			user: {},
			databaseHooks: {},
			advanced: { database: { generateId: "uuid" as const } },
			plugins: [jwt()],
		});
		await fresh.admin.query(`CREATE ROLE ${fresh.name} LOGIN PASSWORD 'pässword with a space'`);
		await fresh.admin.query(`CREATE SCHEMA auth AUTHORIZATION ${fresh.name}`);
		const app = startBetterAuth(fresh.databaseUrl, uuids);
		await (await app.auth.$context).runMigrations();
		const { header, payload } = await (await app.signUp("max@traps.example")).claims();
		const { rows } = await fresh.admin.query(
			`SELECT data_type FROM information_schema.columns WHERE table_schema = 'auth' AND table_name = 'user' AND column_name = 'id'`,
		);
		expect(rows).toEqual([{ data_type: "uuid" }]);
		expect(payload.sub).toMatch(UUID);
		expect(payload.id).toBe(payload.sub);
		expect(header.kid).toMatch(UUID);
		await app.stop();
		await fresh.admin.drop();
	});
});

describe("a database that lacks what the options declare", () => {
	it("is told of by column", async () => {
		const fresh = await throwAwayDatabase();
		await migrate({
			databaseUrl: fresh.databaseUrl,
			administratorUrl: fresh.administratorUrl,
			say() {},
		});
		await fresh.admin.query('ALTER TABLE auth."user" DROP COLUMN uuid');
		const app = startBetterAuth(fresh.databaseUrl);
		await expect(app.signUp("ned@traps.example")).rejects.toThrow(/schema|uuid/i);
		await app.stop();
		await fresh.admin.drop();
	});
});
