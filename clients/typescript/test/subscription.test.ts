import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
	type Change,
	createDrawbridge,
	type Subscription,
	type SubscriptionOptions,
	type SubscriptionState,
} from "../src/index.js";
import { type Answer, json, jwt, problem, startServer } from "./server.js";

let api: Awaited<ReturnType<typeof startServer>>;
let answers: Answer[];
let streams: ServerResponse[];
let subscription: Subscription;
let states: SubscriptionState[];
let changes: Change[];
beforeEach(async () => {
	[answers, streams, states, changes] = [[], [], [], []];
	api = await startServer((request, response) => (answers.shift() ?? stream(0))(request, response));
});
afterEach(async () => {
	subscription.close();
	await api.stop();
});

/** A stream that has begun after `seq`, with some events. */
const stream = (seq: number, ...events: string[]): Answer => {
	return (_, response) => {
		streams.push(response);
		response.writeHead(200, { "Content-Type": "text/event-stream" });
		response.write(`retry: 20\nevent: ready\ndata: {"seq":${seq}}\n\n${events.join("")}`);
	};
};
const event = (seq: number, kind = "task.updated") =>
	`id: ${seq}\nevent: ${kind}\ndata: ${JSON.stringify({ seq, at: "2026-01-01T00:00:00Z", kind, entity_id: "t", version: seq })}\n\n`;

function subscribe(options: Partial<SubscriptionOptions> = {}) {
	const drawbridge = createDrawbridge({ baseUrl: api.url, token: () => jwt(), retry: false });
	subscription = drawbridge.changes.subscribe({
		onChange: (change) => changes.push(change),
		onState: (state) => states.push(state),
		...options,
	});
	return subscription;
}

const seen = () => changes.map(({ seq }) => seq);
const asked = () => api.received.map(({ headers }) => headers["last-event-id"]);
const until = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 10 });

describe("a subscription", () => {
	it("asks with a token and where it stands, and tells each change once and in order", async () => {
		answers = [stream(17, event(18), event(18), event(19), event(17))];
		subscribe({ since: 17 });
		await until(() => expect(seen()).toEqual([18, 19]));
		expect(api.received[0]?.headers).toMatchObject({ accept: "text/event-stream", "last-event-id": "17" });
		expect(api.received[0]?.headers.authorization).toMatch(/^Bearer ey/);
		expect(api.received[0]?.url).toBe("/api/v1/me/events");
		expect(subscription.lastSeq).toBe(19);
		expect(subscription.state).toEqual({ status: "live" });
	});

	it("reads an event that comes in pieces", async () => {
		subscribe();
		await until(() => expect(streams).toHaveLength(1));
		const bytes = Buffer.from(event(1, "task.créé"));
		for (const byte of bytes) streams[0]?.write(Buffer.of(byte));
		await until(() => expect(changes.map(({ kind }) => kind)).toEqual(["task.créé"]));
	});

	it("comes back where it stood when the connection breaks, and when it ends", async () => {
		answers = [stream(4, event(5)), stream(5, event(6)), stream(6, event(7))];
		subscribe();
		await until(() => expect(seen()).toEqual([5]));
		streams[0]?.destroy();
		await until(() => expect(seen()).toEqual([5, 6]));
		streams[1]?.end();
		await until(() => expect(seen()).toEqual([5, 6, 7]));
		expect(asked()).toEqual([undefined, "5", "6"]);
	});

	it("comes back when nothing is heard any more, not even a heartbeat", async () => {
		answers = [stream(4)];
		subscribe({ heartbeatTimeout: 1_000 });
		await until(() => expect(streams).toHaveLength(1));
		const beat = setInterval(() => streams[0]?.write(": still here\n\n"), 100);
		await new Promise((resolve) => setTimeout(resolve, 2_000));
		clearInterval(beat);
		expect(api.received).toHaveLength(1);
		await until(() => expect(asked().slice(0, 2)).toEqual([undefined, "4"]));
	});

	it("comes back at once with another token after `reauth`", async () => {
		answers = [stream(4, 'event: reauth\ndata: {"code":"token_expired"}\n\n'), stream(4, event(5))];
		subscribe();
		await until(() => expect(streams).toHaveLength(1));
		streams[0]?.end();
		await until(() => expect(seen()).toEqual([5]));
		const [first, second] = api.received.map(({ headers }) => headers.authorization);
		expect(first).not.toBe(second);
		expect(states.map(({ status }) => status)).not.toContain("waiting");
	});

	it("waits longer from time to time while the API is away, and says until when", async () => {
		const busy: Answer = (_, response) => json(response, 503, problem(503, "database_unavailable"));
		answers = [stream(4), busy, busy, busy];
		subscribe();
		const live = () => expect(subscription.state).toEqual({ status: "live" });
		await until(live);
		streams[0]?.destroy();
		await until(() => expect(streams).toHaveLength(2));
		await until(live);
		const waits = states.filter((state) => state.status === "waiting");
		expect(waits.length).toBeGreaterThanOrEqual(2);
		for (const wait of waits) expect(wait.retryAt).toBeGreaterThan(0);
		expect(waits.at(-1)?.error).toMatchObject({ code: "database_unavailable" });
		expect(asked().at(-1)).toBe("4");
	});

	it.each([
		[410, "history_trimmed"],
		[409, "sequence_ahead"],
	])(
		"begins anew after %i %s, and says so once what is read then is not older than the stream",
		async (status, code) => {
			answers = [(_, response) => json(response, status, problem(status, code)), stream(90, event(91))];
			const log: string[] = [];
			subscribe({
				since: 17,
				onReset: (reason) => log.push(reason),
				onState: (state) => log.push(state.status),
				onChange: ({ seq }) => log.push(String(seq)),
			});
			await until(() => expect(log.at(-1)).toBe("91"));
			expect(log.slice(-3)).toEqual(["live", code, "91"]);
			expect(asked()).toEqual(["17", undefined]);
		},
	);

	it("tells of an import as of a reason to read everything again", async () => {
		answers = [stream(1, event(2, "import.done"), event(3))];
		const reasons: string[] = [];
		subscribe({ onReset: (reason) => reasons.push(reason) });
		await until(() => expect(seen()).toEqual([3]));
		expect(reasons).toEqual(["import"]);
	});

	it("is over when the API will not have it, and asks no more", async () => {
		answers = [(_, response) => json(response, 403, problem(403, "missing_scope"))];
		subscribe();
		await until(() => expect(subscription.state.status).toBe("closed"));
		expect(subscription.state).toMatchObject({ error: { code: "missing_scope" } });
		await new Promise((resolve) => setTimeout(resolve, 200));
		expect(api.received).toHaveLength(1);
	});

	it.each(["close()", "its signal"])("ends with %s, and its connection with it", async (how) => {
		const giveUp = new AbortController();
		answers = [stream(4)];
		subscribe({ signal: giveUp.signal });
		await until(() => expect(streams).toHaveLength(1));
		let closed = false;
		streams[0]?.on("close", () => {
			closed = true;
		});
		if (how === "close()") subscription.close();
		else giveUp.abort();
		await until(() => expect(closed).toBe(true));
		await until(() => expect(subscription.state).toEqual({ status: "closed", error: null }));
		expect(api.received).toHaveLength(1);
	});
});
