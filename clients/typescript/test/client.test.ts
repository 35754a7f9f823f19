import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
	betterAuthToken,
	createTasksClient,
	isProblemDocument,
	ProblemError,
	SignedOutError,
	type Task,
	UnavailableError,
	unwrap,
} from "../src/index.js";
import { type Answer, authClientOf, json, jwt, problem, startServer } from "./server.js";

const TASKS = "/api/v1/{user_id}/tasks";
const ONE = "/api/v1/{user_id}/tasks/{task_id}";
const me = { params: { path: { user_id: "me" } } } as const;
const one = { params: { path: { user_id: "me", task_id: "0190" } } } as const;

const task: Task = {
	id: "0190",
	user_id: "4d1f",
	title: "Raise the bridge",
	description: null,
	completed: false,
	completed_at: null,
	priority: "none",
	priority_rank: 0,
	due_date: null,
	reminder_at: null,
	recurrence: null,
	recurrence_pattern: null,
	next_occurrence_id: null,
	parent_id: null,
	position: "0199a3f2-41b7-7c3e-8a55-0d6c1f2b3a49",
	tags: [],
	version: 1,
	created_at: "2026-01-01T00:00:00Z",
	updated_at: "2026-01-01T00:00:00Z",
	deleted_at: null,
};

let api: Awaited<ReturnType<typeof startServer>>;
let auth: Awaited<ReturnType<typeof startServer>>;
let answer: Answer;
let mint: () => string | null;
beforeEach(async () => {
	answer = (_, response) => json(response, 200, task);
	mint = () => jwt();
	api = await startServer((request, response) => answer(request, response));
	auth = await startServer((_, response) => {
		const token = mint();
		if (token === null) json(response, 401, {});
		else json(response, 200, { token });
	});
});
afterEach(() => Promise.all([api.stop(), auth.stop()]));

const client = (more = {}) =>
	createTasksClient({ baseUrl: api.url, token: betterAuthToken(authClientOf(auth.url)), ...more });
const bearers = () => api.received.map(({ headers }) => headers.authorization);

describe("a request", () => {
	it("carries the token and no cookie, on the path and with the query that the contract names", async () => {
		answer = (_, response) =>
			json(response, 200, {
				items: [task],
				limit: 2,
				next_cursor: "abc",
				has_more: true,
				total: null,
				page: null,
				total_pages: null,
			});
		const token = jwt();
		mint = () => token;
		const page = await unwrap(
			client().GET(TASKS, { params: { path: { user_id: "me" }, query: { limit: 2, cursor: "a+b/c=" } } }),
		);
		expect(page.items[0]?.title).toBe("Raise the bridge");
		expect(page.next_cursor).toBe("abc");
		expect(api.received).toHaveLength(1);
		expect(api.received[0]).toMatchObject({
			method: "GET",
			url: "/api/v1/me/tasks?limit=2&cursor=a%2Bb%2Fc%3D",
		});
		expect(bearers()).toEqual([`Bearer ${token}`]);
		expect(api.received[0]?.headers.cookie).toBeUndefined();
		expect(api.received[0]?.url).not.toContain(token);
	});

	it("asks the browser for no cookies, also where the API has the page's own origin", async () => {
		let credentials: RequestCredentials | undefined;
		const fetch = (request: Request, init: RequestInit) => {
			credentials = request.credentials;
			return globalThis.fetch(request, init);
		};
		await client({ fetch }).GET(ONE, one);
		expect(credentials).toBe("omit");
	});

	it("may live below a path of a proxy", async () => {
		await client({ baseUrl: `${api.url}/bridge/` }).GET(ONE, one);
		expect(api.received[0]?.url).toBe("/bridge/api/v1/me/tasks/0190");
	});

	it("takes 204 for an answer without a body", async () => {
		answer = (_, response) => response.writeHead(204).end();
		expect(await unwrap(client().DELETE(ONE, one))).toBeUndefined();
	});

	it("takes its token from a plain function as well", async () => {
		await client({ token: async () => "a.b.c" }).GET(ONE, one);
		expect(bearers()).toEqual(["Bearer a.b.c"]);
	});

	it("does not take the token to another origin", async () => {
		const other = await startServer((_, response) => json(response, 200, task));
		await expect(client().GET(ONE, { ...one, baseUrl: other.url })).rejects.toThrow("is not sent to");
		expect(other.received).toHaveLength(0);
		await other.stop();
	});

	it("does not follow a redirect", async () => {
		const other = await startServer((_, response) => json(response, 200, task));
		answer = (_, response) => response.writeHead(307, { Location: other.url }).end();
		await expect(unwrap(client().GET(ONE, one))).rejects.toBeInstanceOf(UnavailableError);
		expect(other.received).toHaveLength(0);
		await other.stop();
	});
});

describe("a 401", () => {
	it("is answered with one new token and the same request, body and all", async () => {
		answer = ({ headers }, response) => {
			if (headers.authorization === bearers()[0]) json(response, 401, problem(401, "token_expired"));
			else json(response, 201, task);
		};
		const made = await unwrap(client().POST(TASKS, { ...me, body: { title: "Ärmel — 袖", tags: ["home"] } }));
		expect(made.id).toBe("0190");
		expect(api.received).toHaveLength(2);
		expect(new Set(bearers()).size).toBe(2);
		const [first, second] = api.received;
		expect(second?.body).toBe('{"title":"Ärmel — 袖","tags":["home"]}');
		expect({ ...second, headers: null }).toEqual({ ...first, headers: null });
		expect(second?.headers["content-type"]).toBe("application/json");
	});

	it("that comes again is the answer: there is no third attempt", async () => {
		answer = (_, response) => json(response, 401, problem(401, "user_not_found"));
		await expect(unwrap(client().GET(ONE, one))).rejects.toMatchObject({
			status: 401,
			code: "user_not_found",
		});
		expect(api.received).toHaveLength(2);
		expect(auth.received).toHaveLength(2);
	});

	it("is not repeated when Better Auth has only the same token to give", async () => {
		const token = jwt();
		mint = () => token;
		answer = (_, response) => json(response, 401, problem(401, "issuer_mismatch"));
		await expect(unwrap(client().GET(ONE, one))).rejects.toMatchObject({ code: "issuer_mismatch" });
		expect(api.received).toHaveLength(1);
	});

	it("of thirty requests at once costs one new token", async () => {
		const old = jwt();
		mint = () => (auth.received.length === 1 ? old : jwt());
		answer = ({ headers }, response) => {
			if (headers.authorization === `Bearer ${old}`) json(response, 401, problem(401, "key_unknown"));
			else json(response, 200, task);
		};
		const tasks = client();
		await Promise.all(Array.from({ length: 30 }, () => unwrap(tasks.GET(ONE, one))));
		expect(api.received).toHaveLength(60);
		expect(auth.received).toHaveLength(2);
	});

	it("after which nobody is signed in says so, and nothing is sent again", async () => {
		answer = (_, response) => {
			mint = () => null;
			json(response, 401, problem(401, "token_expired"));
		};
		await expect(unwrap(client().POST(TASKS, { ...me, body: { title: "x" } }))).rejects.toMatchObject({
			name: "SignedOutError",
			reason: "signed_out",
		});
		expect(api.received).toHaveLength(1);
	});

	it("after which another user is signed in does not make the request theirs", async () => {
		answer = (_, response) => {
			mint = () => jwt({ sub: "bob" });
			json(response, 401, problem(401, "session_revoked"));
		};
		await expect(unwrap(client().POST(TASKS, { ...me, body: { title: "x" } }))).rejects.toBeInstanceOf(
			SignedOutError,
		);
		expect(api.received).toHaveLength(1);
	});
});

describe("a refusal", () => {
	it("becomes an error that carries the problem", async () => {
		const errors = [{ pointer: "/title", code: "blank", detail: "must not be blank" }];
		answer = (_, response) =>
			json(response, 422, problem(422, "validation_failed", { errors, request_id: "r-1" }));
		const error = await unwrap(client().POST(TASKS, { ...me, body: { title: " " } })).catch(
			(thrown) => thrown,
		);
		expect(error).toBeInstanceOf(ProblemError);
		expect(error).toMatchObject({
			status: 422,
			code: "validation_failed",
			title: "Refused",
			detail: "why",
			errors,
			requestId: "r-1",
			retryAfter: null,
		});
		expect(api.received).toHaveLength(1);
	});

	it("tells when to come back", async () => {
		answer = (_, response) => json(response, 503, problem(503, "keys_unavailable"), { "Retry-After": "5" });
		await expect(unwrap(client().GET(ONE, one))).rejects.toMatchObject({ status: 503, retryAfter: 5 });
	});

	it.each([
		["a proxy's page", 502, "<h1>Bad gateway</h1>"],
		["an empty body", 500, ""],
		["JSON of another kind", 400, '{"message":"no"}'],
		["JSON null", 404, "null"],
	])("that is %s is an error too, by its status", async (_, status, body) => {
		answer = (_request, response) => response.writeHead(status, { "Content-Type": "text/html" }).end(body);
		await expect(unwrap(client().GET(ONE, one))).rejects.toMatchObject({ status, code: `http_${status}` });
	});

	it("without unwrap is openapi-fetch's own { error }", async () => {
		answer = (_, response) => json(response, 404, problem(404, "task_not_found"));
		const { data, error, response } = await client().GET(ONE, one);
		expect(data).toBeUndefined();
		expect(response.status).toBe(404);
		expect(isProblemDocument(error) && error.code).toBe("task_not_found");
	});
});

describe("no answer", () => {
	it("from a server that is not there is told as unavailable", async () => {
		await expect(unwrap(client({ baseUrl: "http://127.0.0.1:1" }).GET(ONE, one))).rejects.toMatchObject({
			name: "UnavailableError",
			service: "api",
		});
	});

	it("in time is told as unavailable", async () => {
		answer = () => new Promise(() => {});
		await expect(unwrap(client({ timeout: 50 }).GET(ONE, one))).rejects.toThrow("in time");
	});

	it("because the connection broke in the middle is told as unavailable", async () => {
		answer = (_, response) => {
			response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "1000" });
			response.write('{"id":', () => response.destroy());
		};
		await expect(unwrap(client().GET(ONE, one))).rejects.toBeInstanceOf(UnavailableError);
	});

	it("that is JSON is told as unavailable", async () => {
		answer = (_, response) => response.writeHead(200).end("<html>");
		await expect(unwrap(client().GET(ONE, one))).rejects.toThrow("not JSON");
	});

	it("because the caller gave up stays the caller's AbortError", async () => {
		answer = () => new Promise(() => {});
		const giveUp = new AbortController();
		const asked = unwrap(client().GET(ONE, { ...one, signal: giveUp.signal }));
		setTimeout(() => giveUp.abort(), 50);
		await expect(asked).rejects.toMatchObject({ name: "AbortError" });
	});
});

describe("the types", () => {
	it("know the contract", async () => {
		const tasks = client();
		const page = () => unwrap(tasks.GET(TASKS, me));
		const title = async () => (await page()).items[0]?.title satisfies string | undefined;
		const gone = async () => (await unwrap(tasks.DELETE(ONE, one))) satisfies undefined;
		// @ts-expect-error there is no such path
		const noPath = () => tasks.GET("/api/v1/{user_id}/tusks", me);
		// @ts-expect-error a task needs a title
		const noTitle = () => tasks.POST(TASKS, { ...me, body: {} });
		// @ts-expect-error a page is not an array
		const noArray = async () => (await page()).length;
		expect([title, gone, noPath, noTitle, noArray]).toHaveLength(5);
	});
});
