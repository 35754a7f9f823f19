import { afterEach, describe, expect, inject, it, vi } from "vitest";
import {
	betterAuthToken,
	type Change,
	createDrawbridge,
	type Drawbridge,
	type Subscription,
	type SubscriptionState,
} from "../../src/index.js";
import { freePort, type Running, startApi, startBetterAuth } from "./ground.js";
import { newcomer } from "./person.js";

const open: Array<{ close(): void } | { stop(): Promise<void> }> = [];
afterEach(async () => {
	for (const one of open.splice(0).reverse()) "close" in one ? one.close() : await one.stop();
});

interface Followed {
	subscription: Subscription;
	changes: Change[];
	states: SubscriptionState[];
	reasons: string[];
}

async function follow({ changes: source }: Drawbridge, since?: number): Promise<Followed> {
	const [changes, states, reasons]: [Change[], SubscriptionState[], string[]] = [[], [], []];
	const subscription = source.subscribe({
		...(since === undefined ? {} : { since }),
		onChange: (change) => changes.push(change),
		onState: (state) => states.push(state),
		onReset: (reason) => reasons.push(reason),
	});
	open.push(subscription);
	await until(() => expect(subscription.state).toEqual({ status: "live" }));
	return { subscription, changes, states, reasons };
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 40_000, interval: 20 });
const kept = async <T extends Running>(running: Promise<T>): Promise<T> => {
	const started = await running;
	open.push(started);
	return started;
};

describe("one's changes", () => {
	it("are told as they happen, and nobody else's are", async () => {
		const [ann, bob] = await Promise.all([newcomer("ann"), newcomer("bob")]);
		const [anns, bobs] = await Promise.all([follow(ann.drawbridge), follow(bob.drawbridge)]);
		const task = await ann.drawbridge.tasks.create({ title: "Raise the bridge" });
		await ann.drawbridge.tasks.complete(task);
		await until(() => expect(anns.changes).toHaveLength(2));
		expect(anns.changes).toMatchObject([
			{ seq: 1, kind: "task.created", entity_id: task.id, version: 1 },
			{ seq: 2, entity_id: task.id, version: 2 },
		]);
		const bobsTask = await bob.drawbridge.tasks.create({ title: "Bob's" });
		await until(() => expect(bobs.changes).toHaveLength(1));
		expect(bobs.changes[0]?.entity_id).toBe(bobsTask.id);
		expect(anns.changes).toHaveLength(2);
	});

	it("can be asked for, too, from a number on", async () => {
		const { drawbridge } = await newcomer("ann");
		const { next_seq } = await drawbridge.changes.since();
		const waiting = drawbridge.changes.since(next_seq, { wait: 10 });
		const task = await drawbridge.tasks.create({ title: "Awaited" });
		expect((await waiting).items.map(({ entity_id }) => entity_id)).toEqual([task.id]);
		for (let left = 3; left > 0; left -= 1) await drawbridge.tags.create({ name: `tag ${left}` });
		const some = await drawbridge.changes.since(next_seq, { limit: 2 });
		expect(some).toMatchObject({ has_more: true, next_seq: next_seq + 2 });
		expect((await drawbridge.changes.since(some.next_seq)).items).toHaveLength(2);
	});

	it("that happened before the stream was up, after the number that is known, are told as well", async () => {
		const { drawbridge } = await newcomer("ann");
		const { next_seq } = await drawbridge.changes.since();
		await drawbridge.tasks.create({ title: "Meanwhile" });
		const { changes } = await follow(drawbridge, next_seq);
		await until(() => expect(changes.map(({ seq }) => seq)).toEqual([next_seq + 1]));
	});

	it("are missed by nobody and told once while the API is restarted", async () => {
		const port = String(await freePort());
		const started = () => kept(startApi(inject("ground"), inject("authUrl"), { API__SERVER__PORT: port }));
		const first = await started();
		const { drawbridge } = await newcomer("ann", { baseUrl: first.url });
		const { drawbridge: elsewhere } = await newcomer("bob", { baseUrl: first.url });
		const { changes, states, subscription } = await follow(drawbridge);
		const titles = ["one", "two", "three"];
		await drawbridge.tasks.create({ title: "one" });
		await until(() => expect(changes).toHaveLength(1));
		await first.stop();
		await until(() => expect(subscription.state.status).toBe("waiting"));
		const second = await started();
		await elsewhere.tasks.create({ title: "not Ann's" });
		for (const title of titles.slice(1)) await drawbridge.tasks.create({ title });
		await until(() => expect(changes.map(({ seq }) => seq)).toEqual([1, 2, 3]));
		expect(second.url).toBe(first.url);
		expect(states.filter(({ status }) => status === "live").length).toBeGreaterThanOrEqual(2);
	});

	it("go on with a new token when the old one ends, in the same second", async () => {
		const short = { jwt: { jwt: { expirationTime: "8s" } } };
		const betterAuth = await kept(startBetterAuth(inject("ground"), short));
		const api = await kept(startApi(inject("ground"), betterAuth.url, { API__AUTH__LEEWAY: "1s" }));
		const authUrl = betterAuth.url;
		const { drawbridge } = await newcomer("ann", { baseUrl: api.url, authUrl });
		const { changes, states, reasons } = await follow(drawbridge);
		await drawbridge.tasks.create({ title: "With the first token" });
		const lives = () => states.filter(({ status }) => status === "live").length;
		await until(() => expect(lives()).toBeGreaterThanOrEqual(2));
		await drawbridge.tasks.create({ title: "With another one" });
		await until(() => expect(changes.map(({ seq }) => seq)).toEqual([1, 2]));
		expect(states.map(({ status }) => status)).not.toContain("waiting");
		expect(reasons).toEqual([]);
	});

	it("of another history are not told: everything has to be read again", async () => {
		const { drawbridge } = await newcomer("ann");
		const { changes, reasons } = await follow(drawbridge, 1_000);
		expect(reasons).toEqual(["sequence_ahead"]);
		await drawbridge.tags.create({ name: "after" });
		await until(() => expect(changes.map(({ kind }) => kind)).toEqual(["tag.created"]));
	});

	it("end where their user has signed out, while another browser of theirs goes on", async () => {
		const ann = await newcomer("ann");
		const there = betterAuthToken((await ann.inAnotherBrowser()).authClient);
		const elsewhere = createDrawbridge({ baseUrl: inject("apiUrl"), token: there });
		const here = await follow(ann.drawbridge);
		const other = await follow(elsewhere);
		const Authorization = `Bearer ${await ann.drawbridge.tokens.token()}`;
		await ann.signOut();
		const answer = () => fetch(`${inject("apiUrl")}/api/v1/me`, { headers: { Authorization } });
		await expect.poll(async () => (await answer()).status, { timeout: 10_000 }).toBe(401);
		await elsewhere.tasks.create({ title: "Not for who has left" });
		await until(() => expect(here.subscription.state.status).toBe("closed"));
		expect(here.subscription.state).toMatchObject({
			error: { name: "SignedOutError", reason: "signed_out" },
		});
		expect(here.changes).toEqual([]);
		await until(() => expect(other.changes).toHaveLength(1));
		expect(other.subscription.state).toEqual({ status: "live" });
	});
});
