import { jwt } from "better-auth/plugins";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate } from "../../lib/migrate.js";
import { person, SECRET, startBetterAuth } from "./better-auth";
import { throwAwayDatabase } from "./throw-away";

const { databaseUrl, administratorUrl, admin } = await throwAwayDatabase();
const OTHER = "fedcba9876543210fedcba9876543210";
const app = startBetterAuth(databaseUrl);
beforeAll(() => migrate({ databaseUrl, administratorUrl, say() {} }));
afterAll(async () => {
	await app.stop();
	await admin.drop();
});

const ids = async (auth = app) => (await auth.published()).map(({ kid }) => kid);

/** What an operator does so that the next token is signed with a new key. */
const retire = (past = "1 second") =>
	admin.query(
		`UPDATE auth.jwks SET "expiresAt" = now() - interval '${past}' WHERE "expiresAt" IS NULL OR "expiresAt" > now()`,
	);

describe("a signing key", () => {
	it("signs for thirty days, and no key is made without need", async () => {
		const ann = await app.signUp("ann@keys.example");
		const first = (await ann.claims()).header.kid;
		expect((await ann.claims()).header.kid).toBe(first);
		expect(await ids()).toEqual([first]);
		const { rows } = await admin.query(
			'SELECT round(extract(epoch FROM "expiresAt" - "createdAt") / 86400) AS days FROM auth.jwks',
		);
		expect(rows).toEqual([{ days: "30" }]);
	});

	it("that is retired stays listed for a day, and the next token is signed by another", async () => {
		const bob = await app.signUp("bob@keys.example");
		const before = (await bob.claims()).header.kid;
		await retire();
		expect(await ids()).toEqual([before]);
		const after = (await bob.claims()).header.kid;
		expect(after).not.toBe(before);
		expect((await ids()).sort()).toEqual([before, after].sort());

		await admin.query(`UPDATE auth.jwks SET "expiresAt" = now() - interval '25 hours' WHERE id = $1`, [
			before,
		]);
		expect(await ids()).toEqual([after]);
	});

	it("is not followed by another until somebody wants a token: the set may be empty", async () => {
		const cid = await app.signUp("cid@keys.example");
		await retire("25 hours");
		expect(await ids()).toEqual([]);
		const { kid } = (await cid.claims()).header;
		expect(await ids()).toEqual([kid]);
	});

	it("that leaked is gone at once with its row", async () => {
		const dot = await app.signUp("dot@keys.example");
		const { kid } = (await dot.claims()).header;
		await admin.query("DELETE FROM auth.jwks WHERE id = $1", [kid]);
		const next = (await dot.claims()).header.kid;
		expect(next).not.toBe(kid);
		expect(await ids()).not.toContain(kid);
	});

	it("of another algorithm in the options signs only once the old one is retired", async () => {
		const es256 = startBetterAuth(databaseUrl, () => ({
			plugins: [jwt({ jwks: { keyPairConfig: { alg: "ES256" } } })],
		}));
		const eve = await es256.signUp("eve@keys.example");
		expect((await eve.claims()).header.alg).toBe("EdDSA");
		await retire();
		expect((await eve.claims()).header.alg).toBe("ES256");
		expect((await es256.published()).map(({ alg, kty }) => [alg, kty]).sort()).toContainEqual([
			"ES256",
			"EC",
		]);
		await admin.query("DELETE FROM auth.jwks");
		await es256.stop();
	});
});

describe("another BETTER_AUTH_SECRET", () => {
	it("ends all sessions and makes no token until the key is gone, though it stays listed", async () => {
		const fay = await app.signUp("fay@keys.example");
		const { kid } = (await fay.claims()).header;
		const changed = startBetterAuth(databaseUrl, () => ({ secret: OTHER }));
		expect((await changed.visitor(fay.cookie).ask("/token")).status).toBe(401);

		const again = await changed.signIn("fay@keys.example");
		expect((await again.ask("/token")).status).toBe(500);
		expect(await ids(changed)).toEqual([kid]);

		await retire();
		expect((await again.claims()).header.kid).not.toBe(kid);
		await admin.query("DELETE FROM auth.jwks");
		await changed.stop();
	});

	it("by version keeps the keys, and the old one can go once no key needs it", async () => {
		const gus = await app.signUp("gus@keys.example");
		const { kid } = (await gus.claims()).header;
		const secrets = [{ version: 2, value: OTHER }];

		const both = startBetterAuth(databaseUrl, () => ({ secrets, secret: SECRET }));
		expect((await both.visitor(gus.cookie).ask("/token")).status).toBe(401);
		const again = await both.signIn("gus@keys.example");
		expect((await again.claims()).header.kid).toBe(kid);
		await retire();
		const next = (await again.claims()).header.kid;
		expect(next).not.toBe(kid);
		await both.stop();

		const alone = startBetterAuth(databaseUrl, () => ({ secrets, secret: undefined }));
		expect((await alone.visitor(again.cookie).claims()).header.kid).toBe(next);
		expect((await ids(alone)).sort()).toEqual([kid, next].sort());
		await alone.stop();
	});

	it("is the only way to read a key: the row without the secret signs nothing", async () => {
		const { rows } = await admin.query('SELECT "privateKey" FROM auth.jwks');
		expect(rows.length).toBeGreaterThan(0);
		for (const { privateKey } of rows) expect(privateKey).not.toMatch(/"d"|"kty"/);
	});
});

it("nobody's password is kept as it was typed", async () => {
	const { rows } = await admin.query("SELECT password FROM auth.account");
	expect(rows.length).toBeGreaterThan(0);
	for (const { password } of rows) expect(password).not.toContain(person("x").password);
});
