import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDrawbridge, type RetryPolicy, UnavailableError } from "../src/index.js";
import { type Answer, json, jwt, problem, startServer } from "./server.js";

let api: Awaited<ReturnType<typeof startServer>>;
let answers: Answer[];
beforeEach(async () => {
	answers = [];
	api = await startServer((request, response) => {
		const answer = answers.shift();
		if (!answer) throw new Error(`nobody expected ${request.method} ${request.url}`);
		return answer(request, response);
	});
});
afterEach(() => api.stop());

const task = { id: "0190", version: 3, title: "Raise it", completed: false };
const good: Answer = (_, response) => json(response, 200, task);
const busy: Answer = (_, response) => json(response, 503, problem(503, "database_unavailable"));
const broken: Answer = (_, response) => response.destroy();
const limited = (seconds: number): Answer => {
	return (_, response) =>
		json(response, 429, problem(429, "rate_limited"), { "Retry-After": String(seconds) });
};

const drawbridge = (retry: RetryPolicy | false = { longestPause: 1_100 }) =>
	createDrawbridge({ baseUrl: api.url, token: () => jwt(), retry });
const keys = () => api.received.map(({ headers }) => headers["idempotency-key"]);

describe("what is safe to send twice is sent again", () => {
	it("when it reads", async () => {
		answers = [busy, broken, good];
		expect(await drawbridge().tasks.get("0190")).toMatchObject(task);
		expect(api.received).toHaveLength(3);
	});

	it("when it makes something, under the key that it had", async () => {
		answers = [broken, busy, good];
		await drawbridge().tasks.create({ title: "Raise it" });
		expect(api.received.map(({ body }) => body)).toEqual(Array(3).fill('{"title":"Raise it"}'));
		expect(keys()[0]).toMatch(/^[0-9a-f]{32}$/);
		expect(new Set(keys()).size).toBe(1);
	});

	it("and another call has another key", async () => {
		answers = [good, good];
		const { tasks } = drawbridge();
		await tasks.create({ title: "Raise it" });
		await tasks.create({ title: "Raise it" });
		expect(new Set(keys()).size).toBe(2);
	});

	it("after as long as the API asks for", async () => {
		answers = [limited(1), good];
		const before = Date.now();
		await drawbridge().tasks.get("0190");
		expect(Date.now() - before).toBeGreaterThanOrEqual(990);
	});

	it("also where it changes something and was turned away before anything was done", async () => {
		answers = [limited(0), good];
		await drawbridge().tasks.update(task, { title: "Raise it" });
		expect(api.received.map(({ headers }) => headers["if-match"])).toEqual(['"3"', '"3"']);
	});
});

describe("what is not is not", () => {
	it.each([
		["a change of one state", () => drawbridge().tasks.update(task, { title: "x" })],
		[
			"a change in any state, which may not be the first",
			() => drawbridge().tasks.update(task.id, { title: "x" }),
		],
		["a completion of one state", () => drawbridge().tasks.complete(task)],
		["a removal", () => drawbridge().tasks.remove(task.id)],
	])("%s", async (_, change) => {
		answers = [broken];
		await expect(change()).rejects.toBeInstanceOf(UnavailableError);
		answers = [busy];
		await expect(change()).rejects.toMatchObject({ code: "database_unavailable" });
		expect(api.received).toHaveLength(2);
	});

	it("what the API refuses for good", async () => {
		answers = [(_, response) => json(response, 404, problem(404, "task_not_found"))];
		await expect(drawbridge().tasks.get("0190")).rejects.toMatchObject({ code: "task_not_found" });
	});

	it("what would have to wait for longer than anybody waits: the error says when", async () => {
		answers = [limited(60)];
		await expect(drawbridge().tasks.get("0190")).rejects.toMatchObject({
			code: "rate_limited",
			retryAfter: 60,
		});
	});

	it("anything, where that is wished", async () => {
		answers = [busy];
		await expect(drawbridge(false).tasks.get("0190")).rejects.toMatchObject({ status: 503 });
	});

	it("anything, more often than told", async () => {
		answers = [busy, busy];
		await expect(drawbridge({ attempts: 1 }).tasks.get("0190")).rejects.toMatchObject({ status: 503 });
	});

	it("anything, once its caller has given up", async () => {
		const giveUp = new AbortController();
		answers = [limited(1)];
		const asked = drawbridge().tasks.get("0190", { signal: giveUp.signal });
		setTimeout(() => giveUp.abort(), 100);
		await expect(asked).rejects.toMatchObject({ name: "AbortError" });
		expect(api.received).toHaveLength(1);
	});
});

describe("deleting everything", () => {
	it("takes a new token where the one at hand is too old for that", async () => {
		answers = [
			(_, response) => json(response, 403, problem(403, "token_not_fresh")),
			(_, response) => response.writeHead(204).end(),
		];
		await drawbridge().deleteAccount({ confirm: "4d1f" });
		const [first, second] = api.received;
		expect([first?.method, second?.method]).toEqual(["DELETE", "DELETE"]);
		expect(second?.headers.confirm).toBe("4d1f");
		expect(second?.headers.authorization).not.toBe(first?.headers.authorization);
	});
});

describe("a download", () => {
	const line = '{"type":"task","title":"Raise it"}\n';
	const ndjson = (text: string): Answer => {
		return (_, response) => response.writeHead(200, { "Content-Type": "application/x-ndjson" }).end(text);
	};

	it("that ends before its end is an error, not a shorter file", async () => {
		answers = [ndjson(line.repeat(20))];
		const file = await drawbridge().export();
		await expect(file.blob()).rejects.toBeInstanceOf(UnavailableError);
	});

	it("whose connection breaks is an error as well", async () => {
		answers = [
			(_, response) => {
				response.writeHead(200, { "Content-Type": "text/calendar", "Content-Length": "9999" });
				response.write("BEGIN:VCALENDAR\r\n", () => response.destroy());
			},
		];
		const file = await drawbridge().export({ format: "ics" });
		await expect(file.blob()).rejects.toBeInstanceOf(UnavailableError);
	});

	it("that is whole is all there", async () => {
		const text = `${line.repeat(20)}{"type":"end","tags":0,"tasks":20}\n`;
		answers = [ndjson(text)];
		const file = await drawbridge().export();
		let bytes = 0;
		const blob = await file.blob((soFar) => {
			bytes = soFar;
		});
		expect(await blob.text()).toBe(text);
		expect(bytes).toBe(text.length);
	});
});

describe("an import", () => {
	it("whose answer breaks off is an error: nobody knows whether it was done", async () => {
		answers = [
			(_, response) =>
				response
					.writeHead(200, { "Content-Type": "application/x-ndjson" })
					.end('{"progress":{"lines":1000,"tags":0,"tasks":1000}}\n'),
		];
		const told: number[] = [];
		const asked = drawbridge().import("{}\n", { onProgress: ({ lines }) => told.push(lines) });
		await expect(asked).rejects.toBeInstanceOf(UnavailableError);
		expect(told).toEqual([1000]);
		expect(api.received).toHaveLength(1);
	});
});
