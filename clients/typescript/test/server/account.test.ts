import { describe, expect, inject, it } from "vitest";
import {
	betterAuthToken,
	createDrawbridge,
	isProblem,
	ProblemError,
	SignedOutError,
	UnavailableError,
} from "../../src/index.js";
import { signUp } from "./ground.js";
import { all, newcomer } from "./person.js";

describe("who one is", () => {
	it("is what the token says, not what Better Auth calls the user", async () => {
		const [ann, bob] = await Promise.all([newcomer("ann"), newcomer("bob")]);
		const [anns, bobs] = await Promise.all([ann.drawbridge.me(), bob.drawbridge.me()]);
		expect(anns.user_id).toMatch(/^[0-9a-f]{8}-/);
		expect(anns.user_id).not.toBe(bobs.user_id);
		const bobsPath = { params: { path: { user_id: bobs.user_id } } };
		const { error, response } = await ann.drawbridge.api.GET("/api/v1/{user_id}/tasks", bobsPath);
		expect([response.status, error?.code]).toEqual([403, "user_mismatch"]);
	});

	it("can be said by a function, as on a server", async () => {
		const { authClient } = await signUp("ann");
		const { data } = await authClient.token({
			fetchOptions: { cache: "no-store", signal: AbortSignal.timeout(5_000) },
		});
		const drawbridge = createDrawbridge({ baseUrl: inject("apiUrl"), token: () => data?.token ?? "" });
		expect((await drawbridge.tasks.create({ title: "From a server" })).title).toBe("From a server");
	});

	it("is nobody with the token of another issuer, and the page hears of it once", async () => {
		const token = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"ann"}')}.x`;
		const reasons: string[] = [];
		const onSignedOut = (reason: string) => reasons.push(reason);
		const drawbridge = createDrawbridge({ baseUrl: inject("apiUrl"), token: () => token, onSignedOut });
		const error = await drawbridge.me().catch((thrown) => thrown);
		expect(error).toBeInstanceOf(ProblemError);
		expect(error.status).toBe(401);
		expect(reasons).toEqual(["refused"]);
	});
});

describe("a sign-out", () => {
	it("is told by the next call that needs a token, and to the page", async () => {
		const reasons: string[] = [];
		const onSignedOut = (reason: string) => reasons.push(reason);
		const ann = await newcomer("ann", { onSignedOut });
		const bob = await newcomer("bob");
		await ann.drawbridge.tasks.create({ title: "Before" });
		await ann.signOut();
		ann.drawbridge.tokens.clear();
		await expect(ann.drawbridge.tasks.list()).rejects.toBeInstanceOf(SignedOutError);
		expect(reasons).toEqual(["signed_out"]);
		expect((await bob.drawbridge.tasks.list()).items).toEqual([]);
	});

	it("in another tab is noticed by the API, and no old token helps", async () => {
		const reasons: string[] = [];
		const onSignedOut = (reason: string) => reasons.push(reason);
		const ann = await newcomer("ann", { onSignedOut });
		await ann.drawbridge.tasks.list();
		await ann.signOut();
		await expect
			.poll(
				() =>
					ann.drawbridge.tasks.list().then(
						() => "listed",
						(error: Error) => error.name,
					),
				{
					timeout: 5_000,
				},
			)
			.toBe("SignedOutError");
		expect(reasons).toContain("signed_out");
	});

	it("and another user's sign-in in the same browser does not lend the page their tasks", async () => {
		const [ann, bob] = await Promise.all([signUp("ann"), signUp("bob")]);
		let signedIn = ann;
		const authClient = {
			token: (options: Parameters<typeof ann.authClient.token>[0]) => signedIn.authClient.token(options),
		};
		const token = betterAuthToken(authClient, { userId: ann.id });
		const drawbridge = createDrawbridge({ baseUrl: inject("apiUrl"), token });
		await drawbridge.tasks.create({ title: "Ann's" });
		signedIn = bob;
		token.clear();
		await expect(drawbridge.tasks.create({ title: "Ann's, too" })).rejects.toMatchObject({
			reason: "user_changed",
		});
		const bobs = createDrawbridge({ baseUrl: inject("apiUrl"), token: betterAuthToken(bob.authClient) });
		expect((await bobs.tasks.list()).items).toEqual([]);
	});
});

describe("an export", () => {
	it("comes back in another account as it was, and the first user's stays theirs", async () => {
		const [ann, bob] = await Promise.all([newcomer("ann"), newcomer("bob")]);
		const wanted = Array.from({ length: 60 }, (_, at) => `task ${String(at).padStart(2, "0")}`);
		await ann.drawbridge.tasks.batch(
			wanted.map((title) => ({
				op: "create",
				body: { title, tags: ["Moat — 堀"], create_missing_tags: true },
			})),
		);
		const file = await ann.drawbridge.export();
		expect(file.filename).toMatch(/\.ndjson$/);
		const blob = await file.blob();
		expect(await bob.drawbridge.import(blob, { dryRun: true })).toMatchObject({ tasks: 60 });
		expect((await bob.drawbridge.tasks.list()).items).toEqual([]);
		const report = await bob.drawbridge.import(blob.stream());
		expect(report).toMatchObject({ tasks: 60, tags: 1 });
		const bobs = await all(bob.drawbridge.tasks.iterate({ sort_by: "title", order: "asc" }));
		expect(bobs.map(({ title }) => title)).toEqual(wanted);
		expect(bobs[0]?.tags.map(({ name }) => name)).toEqual(["Moat — 堀"]);
		await bob.drawbridge.import(await blob.text(), { mode: "replace" });
		expect(await all(bob.drawbridge.tasks.iterate())).toHaveLength(60);
		await bob.drawbridge.tasks.batch(bobs.map((task) => ({ op: "purge", task: task.id })));
		expect(await all(ann.drawbridge.tasks.iterate())).toHaveLength(60);
	});

	it("may be a calendar", async () => {
		const { drawbridge } = await newcomer("ann");
		await drawbridge.tasks.create({ title: "Oil the chains", due_date: "2031-03-01T09:00:00Z" });
		const file = await drawbridge.export({ format: "ics" });
		const text = await (await file.blob()).text();
		expect(file.filename).toMatch(/\.ics$/);
		expect(text).toContain("SUMMARY:Oil the chains");
	});
});

describe("an import", () => {
	it("tells how far it is", async () => {
		const { drawbridge } = await newcomer("ann");
		await drawbridge.tasks.create({ title: "Many" });
		const [head = "", task = ""] = (await (await (await drawbridge.export()).blob()).text()).split("\n");
		const copies = Array.from({ length: 3_000 }, () =>
			task.replace(/"id":"[^"]+"/, `"id":"${crypto.randomUUID()}"`),
		);
		const end = JSON.stringify({ type: "end", tags: 0, tasks: copies.length });
		const told: number[] = [];
		const report = await drawbridge.import([head, ...copies, end, ""].join("\n"), {
			onProgress: ({ lines }) => told.push(lines),
		});
		expect(report.tasks).toBe(3_000);
		expect(told.length).toBeGreaterThanOrEqual(2);
		expect(told).toEqual([...told].sort((one, two) => one - two));
	});

	it("with a wrong line keeps nothing and names the line", async () => {
		const { drawbridge } = await newcomer("ann");
		const error = await drawbridge.import('{"type":"nonsense"}\n').catch((thrown) => thrown);
		expect(error).toBeInstanceOf(ProblemError);
		expect(error.errors.length).toBeGreaterThan(0);
		expect((await drawbridge.tasks.list()).items).toEqual([]);
	});
});

describe("deleting everything", () => {
	it("takes the user's own id for a yes, and leaves others alone", async () => {
		const [ann, bob] = await Promise.all([newcomer("ann"), newcomer("bob")]);
		for (const { drawbridge } of [ann, bob]) await drawbridge.tasks.create({ title: "To be or not" });
		const { user_id: confirm } = await ann.drawbridge.me();
		const { user_id: bobs } = await bob.drawbridge.me();
		const refusal = await ann.drawbridge.deleteAccount({ confirm: bobs }).catch((thrown) => thrown);
		expect(isProblem(refusal)).toBe(true);
		expect((await ann.drawbridge.tasks.list()).items).toHaveLength(1);
		await ann.drawbridge.deleteAccount({ confirm });
		expect((await ann.drawbridge.tasks.list()).items).toEqual([]);
		expect((await bob.drawbridge.tasks.list()).items).toHaveLength(1);
	});
});

describe("no server", () => {
	it("is told as that", async () => {
		const { drawbridge } = await newcomer("ann", { baseUrl: "http://127.0.0.1:1", retry: false });
		await expect(drawbridge.tasks.list()).rejects.toBeInstanceOf(UnavailableError);
		await expect(drawbridge.checkDrift()).rejects.toBeInstanceOf(UnavailableError);
	});
});
