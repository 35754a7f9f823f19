import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { betterAuthToken, SignedOutError, UnavailableError } from "../src/index.js";
import { type Answer, authClientOf, json, jwt, startServer } from "./server.js";

const MINUTE = 60_000;

let time = 1_000_000_000;
const now = () => time;
const never = new Promise<never>(() => {});

let auth: Awaited<ReturnType<typeof startServer>>;
let answer: Answer;
beforeEach(async () => {
	answer = (_, response) => json(response, 200, { token: jwt() });
	auth = await startServer((request, response) => answer(request, response));
});
afterEach(() => auth.stop());

/** Lets a refresh that nobody waits for come to its end. */
async function until(condition: () => boolean) {
	for (let left = 200; !condition(); left -= 1) {
		if (left === 0) throw new Error("it did not happen within two seconds");
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

/** Long enough for a request that should not be there to arrive. */
const quiet = () => new Promise((resolve) => setTimeout(resolve, 100));

describe("the life of a token", () => {
	it("is asked for once and kept until a minute before its end", async () => {
		const source = betterAuthToken(authClientOf(auth.url), { now });
		const first = await source.token();
		time += 14 * MINUTE - 1;
		expect(await source.token()).toBe(first);
		await quiet();
		expect(auth.received).toHaveLength(1);
		expect(auth.received[0]?.url).toBe("/api/auth/token");
	});

	it("ends for us a minute early, and nobody waits for the next one", async () => {
		const source = betterAuthToken(authClientOf(auth.url), { now });
		const first = await source.token();
		time += 14 * MINUTE;
		expect(await source.token()).toBe(first);
		await until(() => auth.received.length === 2);
		let second = first;
		await until(() => {
			source.token().then((token) => {
				second = token;
			});
			return second !== first;
		});
		expect(auth.received).toHaveLength(2);
	});

	it("is renewed in the last fifth when it is short", async () => {
		answer = (_, response) => json(response, 200, { token: jwt({ iat: 0, exp: 10 }) });
		const source = betterAuthToken(authClientOf(auth.url), { now });
		await source.token();
		time += 7_999;
		await source.token();
		await quiet();
		expect(auth.received).toHaveLength(1);
		time += 1;
		await source.token();
		await until(() => auth.received.length === 2);
	});

	it("is over when it has expired: the next request waits for a new one", async () => {
		const source = betterAuthToken(authClientOf(auth.url), { now });
		const first = await source.token();
		time += 15 * MINUTE;
		expect(await source.token()).not.toBe(first);
	});

	it("is counted by the issuer's clock alone, however wrong this machine's is", async () => {
		const far = Math.floor(time / 1000) - 86_400;
		answer = (_, response) => json(response, 200, { token: jwt({ iat: far, exp: far + 900 }) });
		const source = betterAuthToken(authClientOf(auth.url), { now });
		const first = await source.token();
		expect(await source.token()).toBe(first);
		expect(auth.received).toHaveLength(1);
	});
});

describe("many at once", () => {
	it("ask Better Auth once when there is no token", async () => {
		const source = betterAuthToken(authClientOf(auth.url), { now });
		const tokens = await Promise.all(Array.from({ length: 50 }, () => source.token()));
		expect(new Set(tokens).size).toBe(1);
		expect(auth.received).toHaveLength(1);
	});

	it("ask once when the API refuses the token of all of them", async () => {
		const source = betterAuthToken(authClientOf(auth.url), { now });
		const refused = await source.token();
		const others = await Promise.all(Array.from({ length: 50 }, () => source.replace(refused)));
		expect(new Set(others).size).toBe(1);
		expect(others[0]).not.toBe(refused);
		// One who comes late, when the others have their new token already, is given that one.
		expect(await source.replace(refused)).toBe(others[0]);
		expect(auth.received).toHaveLength(2);
	});

	it("all learn of a failure, and the next one asks again", async () => {
		answer = (_, response) => json(response, 500, {});
		const source = betterAuthToken(authClientOf(auth.url), { now });
		const failed = await Promise.allSettled([source.token(), source.token()]);
		expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
		expect(auth.received).toHaveLength(1);
		answer = (_, response) => json(response, 200, { token: jwt() });
		await source.token();
	});
});

describe("when Better Auth has no session", () => {
	it("a 401 of /token is told as signed out", async () => {
		answer = (_, response) => json(response, 401, { code: "UNAUTHORIZED" });
		const reasons: string[] = [];
		const source = betterAuthToken(authClientOf(auth.url), { now, onSignedOut: (why) => reasons.push(why) });
		const error = await source.token().catch((thrown) => thrown);
		expect(error).toBeInstanceOf(SignedOutError);
		expect(error.reason).toBe("signed_out");
		expect(reasons).toEqual(["signed_out"]);
	});

	it("a token at hand is dropped as soon as a refresh finds the session gone", async () => {
		const source = betterAuthToken(authClientOf(auth.url), { now });
		await source.token();
		answer = (_, response) => json(response, 401, {});
		time += 14 * MINUTE;
		await source.token();
		await until(() => auth.received.length === 2);
		await expect.poll(() => source.token().catch((thrown) => thrown)).toBeInstanceOf(SignedOutError);
	});
});

describe("another user", () => {
	it("who signed in in another tab never gets this page's requests", async () => {
		const reasons: string[] = [];
		const source = betterAuthToken(authClientOf(auth.url), { now, onSignedOut: (why) => reasons.push(why) });
		await source.token();
		answer = (_, response) => json(response, 200, { token: jwt({ sub: "bob" }) });
		time += 15 * MINUTE;
		const error = await source.token().catch((thrown) => thrown);
		expect(error).toBeInstanceOf(SignedOutError);
		expect(error.reason).toBe("user_changed");
		expect(reasons).toEqual(["user_changed"]);
	});

	it("is noticed at the first token when the page says whose it is", async () => {
		const source = betterAuthToken(authClientOf(auth.url), { now, userId: "bob" });
		await expect(source.token()).rejects.toMatchObject({ reason: "user_changed" });
	});

	it("may follow after clear()", async () => {
		const source = betterAuthToken(authClientOf(auth.url), { now });
		await source.token();
		source.clear();
		const bobs = jwt({ sub: "bob" });
		answer = (_, response) => json(response, 200, { token: bobs });
		expect(await source.token()).toBe(bobs);
	});

	it("does not follow after clear() on a page that was made for somebody", async () => {
		const source = betterAuthToken(authClientOf(auth.url), { now, userId: "ann" });
		await source.token();
		source.clear();
		answer = (_, response) => json(response, 200, { token: jwt({ sub: "bob" }) });
		await expect(source.token()).rejects.toMatchObject({ reason: "user_changed" });
		// Ann herself may come back.
		const anns = jwt({ sub: "ann" });
		answer = (_, response) => json(response, 200, { token: anns });
		expect(await source.token()).toBe(anns);
	});

	it("does not inherit a request that was refused before clear()", async () => {
		const source = betterAuthToken(authClientOf(auth.url), { now });
		const anns = await source.token();
		source.clear();
		answer = (_, response) => json(response, 200, { token: jwt({ sub: "bob" }) });
		await source.token();
		await expect(source.replace(anns)).rejects.toMatchObject({ reason: "user_changed" });
	});
});

describe("clear()", () => {
	it("turns away who is waiting, and what they waited for is not kept", async () => {
		let release = () => {};
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		answer = async (_, response) => {
			await held;
			json(response, 200, { token: jwt() });
		};
		const source = betterAuthToken(authClientOf(auth.url), { now });
		const waiting = source.token().catch((thrown) => thrown);
		await until(() => auth.received.length === 1);
		source.clear();
		const bobs = jwt({ sub: "bob" });
		answer = (_, response) => json(response, 200, { token: bobs });
		expect(await source.token()).toBe(bobs);
		release();
		expect((await waiting).reason).toBe("cleared");
		expect(await source.token()).toBe(bobs);
		expect(auth.received).toHaveLength(2);
	});
});

describe("when Better Auth fails", () => {
	it("a token that is still good is used on, and Better Auth is not hammered", async () => {
		const source = betterAuthToken(authClientOf(auth.url), { now });
		const first = await source.token();
		answer = (_, response) => json(response, 503, {});
		time += 14 * MINUTE;
		for (let i = 0; i < 10; i += 1) expect(await source.token()).toBe(first);
		await until(() => auth.received.length === 2);
		await quiet();
		time += 4_999;
		expect(await source.token()).toBe(first);
		await quiet();
		expect(auth.received).toHaveLength(2);
		time += 1;
		expect(await source.token()).toBe(first);
		await until(() => auth.received.length === 3);
	});

	it("an expired token is not: the failure is told, with whose it is", async () => {
		answer = (_, response) => json(response, 429, {});
		const source = betterAuthToken(authClientOf(auth.url), { now });
		await expect(source.token()).rejects.toMatchObject({
			name: "UnavailableError",
			service: "auth",
			status: 429,
		});
	});

	it("no connection is a failure of the same kind", async () => {
		const source = betterAuthToken(authClientOf("http://127.0.0.1:1"), { now });
		await expect(source.token()).rejects.toMatchObject({ service: "auth", status: null });
	});

	it("no answer is waited for only so long", async () => {
		answer = () => never;
		const source = betterAuthToken(authClientOf(auth.url), { now, timeout: 50 });
		await expect(source.token()).rejects.toBeInstanceOf(UnavailableError);
	});

	it("a missing jwt() plugin is named", async () => {
		answer = (_, response) => json(response, 404, {});
		await expect(betterAuthToken(authClientOf(auth.url)).token()).rejects.toThrow("jwt() plugin");
	});

	it.each([
		["the opaque session token", "tHisIsNoJwtButASessionTokenOf32c"],
		["a token without an end", jwt({ exp: undefined as unknown as number })],
		["a payload that is no JSON", "e30.bm90IGpzb24.c2ln"],
		["four parts", `${jwt()}.c2ln`],
		["an empty text", ""],
	])("%s is refused without being repeated in the message", async (_, token) => {
		answer = (_request, response) => json(response, 200, { token });
		const error = await betterAuthToken(authClientOf(auth.url))
			.token()
			.catch((thrown) => thrown);
		expect(error.message).toContain("authClient.token()");
		if (token) expect(error.message).not.toContain(token);
	});
});
