import "./dom.js";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createElement } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import {
	betterAuthToken,
	ConflictError,
	createDrawbridge,
	type Drawbridge,
	type Task,
} from "../../src/index.js";
import {
	DrawbridgeProvider,
	isBeingMade,
	useCompleteTask,
	useCreateTask,
	useLiveChanges,
	useMoveTask,
	useRemoveTask,
	useRestoreTask,
	useStats,
	useTags,
	useTask,
	useTasks,
	useUpdateTask,
} from "../../src/react/index.js";
import { newcomer } from "./person.js";

let root: Root;
let queries: QueryClient;
let shut: Promise<void> | null;
let open: () => void;
beforeEach(() => {
	root = createRoot(document.createElement("div"));
	queries = new QueryClient();
	shut = null;
	open = () => {};
});
afterEach(() => {
	root.unmount();
	queries.clear();
});

/** Whatever changes something waits from now on, until `open()`. */
function shutTheGate() {
	shut = new Promise((resolve) => {
		open = () => {
			shut = null;
			resolve();
		};
	});
}
const fetch = async (request: Request, init: RequestInit) => {
	if (request.method !== "GET") await shut;
	return globalThis.fetch(request, init);
};

/** A page of a user's, whose only component calls these hooks. */
async function page<T>(drawbridge: Drawbridge, userId: string, use: () => T) {
	const rendered: { now?: T } = {};
	const Page = () => {
		rendered.now = use();
		return null;
	};
	const within = createElement(DrawbridgeProvider, { drawbridge, userId, key: userId }, createElement(Page));
	root.render(createElement(QueryClientProvider, { client: queries }, within));
	await until(() => expect(rendered).toHaveProperty("now"));
	return () => rendered.now as T;
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 40_000, interval: 10 });
const titles = (tasks: readonly Task[]) => tasks.map(({ title }) => title);
const hooks = () => ({
	list: useTasks({ sort_by: "position" }),
	create: useCreateTask(),
	update: useUpdateTask(),
	complete: useCompleteTask(),
	remove: useRemoveTask(),
	restore: useRestoreTask(),
	move: useMoveTask(),
});

async function withTasks(...wanted: string[]) {
	const ann = await newcomer("ann", { fetch, retry: false });
	for (const title of wanted) await ann.drawbridge.tasks.create({ title });
	const now = await page(ann.drawbridge, ann.id, hooks);
	await until(() => expect(titles(now().list.tasks)).toEqual(wanted));
	const task = (title: string) => {
		const found = now().list.tasks.find((one) => one.title === title);
		if (!found) throw new Error(`${title} is not shown`);
		return found;
	};
	return { ...ann, now, task };
}

describe("a change", () => {
	it("is shown before the API has answered, whichever it is", async () => {
		const { now, task, drawbridge } = await withTasks("one", "two", "three");
		shutTheGate();
		now().create.mutate({ title: "four", tags: ["Moat"] });
		now().update.mutate({ task: task("one"), patch: { title: "first", priority: "high" } });
		now().complete.mutate({ task: task("two"), completed: true });
		now().move.mutate({ task: task("three"), to: { before: task("one").id } });
		await until(() => expect(titles(now().list.tasks)).toEqual(["three", "first", "two", "four"]));
		expect(task("first").priority).toBe("high");
		expect(task("two").completed).toBe(true);
		expect(task("four").tags.map(({ name }) => name)).toEqual(["Moat"]);
		expect(isBeingMade(task("four"))).toBe(true);
		now().remove.mutate({ task: task("first") });
		await until(() => expect(titles(now().list.tasks)).toEqual(["three", "two", "four"]));
		expect(titles((await drawbridge.tasks.list({ sort_by: "position" })).items)).toEqual([
			"one",
			"two",
			"three",
		]);

		open();
		await until(() => expect(queries.isMutating() + queries.isFetching()).toBe(0));
		const kept = (await drawbridge.tasks.list({ sort_by: "position" })).items;
		expect(titles(kept)).toEqual(["three", "two", "four"]);
		expect(now().list.tasks).toEqual(kept);
		expect(isBeingMade(task("four"))).toBe(false);
	});

	it("that fails is gone again, and no other with it", async () => {
		const { now, task, drawbridge } = await withTasks("one", "two");
		shutTheGate();
		now().update.mutate({ task: task("one"), patch: { title: "x".repeat(5_000) } });
		now().update.mutate({ task: task("two"), patch: { title: "second" } });
		now().create.mutate({ title: " " });
		await until(() => expect(now().list.tasks).toHaveLength(3));
		expect(titles(now().list.tasks)[0]).toHaveLength(5_000);
		open();
		await until(() => expect(titles(now().list.tasks)).toEqual(["one", "second"]));
		await until(() => expect(now().create.error).toMatchObject({ code: "validation_failed" }));
		expect(titles((await drawbridge.tasks.list({ sort_by: "position" })).items)).toEqual(["one", "second"]);
	});

	it("and another one of the same task are sent one after the other, each on top of the last", async () => {
		const { now, task, drawbridge } = await withTasks("one");
		const seen = task("one");
		const titlesTyped = ["o", "on", "onc", "once"];
		await Promise.all(titlesTyped.map((title) => now().update.mutateAsync({ task: seen, patch: { title } })));
		await now().complete.mutateAsync({ task: seen, completed: true });
		expect(await drawbridge.tasks.get(seen.id)).toMatchObject({ title: "once", completed: true, version: 6 });
		await until(() => expect(titles(now().list.tasks)).toEqual(["once"]));
	});

	it("of what somebody else has changed is a choice: what it is now is shown, and the user's can still be had", async () => {
		const { now, task, drawbridge } = await withTasks("one");
		const seen = task("one");
		const theirs = await drawbridge.tasks.update(seen.id, { title: "theirs" });
		const error = await now()
			.update.mutateAsync({ task: seen, patch: { title: "mine" } })
			.catch((thrown) => thrown);
		expect(error).toBeInstanceOf(ConflictError);
		expect(error.current).toEqual(theirs);
		await until(() => expect(now().list.tasks).toEqual([theirs]));
		await now().update.mutateAsync({ task: error.current, patch: { title: "mine" } });
		await until(() => expect(titles(now().list.tasks)).toEqual(["mine"]));
	});

	it("that put a task into the trash is undone", async () => {
		const { now, task } = await withTasks("one", "two");
		const seen = task("one");
		await now().remove.mutateAsync({ task: seen });
		await until(() => expect(titles(now().list.tasks)).toEqual(["two"]));
		await now().restore.mutateAsync({ task: seen });
		await until(() => expect(titles(now().list.tasks)).toEqual(["one", "two"]));
	});
});

describe("what is read", () => {
	it("comes page by page, with its number when asked for", async () => {
		const { drawbridge, id } = await newcomer("ann");
		const wanted = Array.from({ length: 7 }, (_, at) => `task ${at}`);
		await drawbridge.tasks.batch(wanted.map((title) => ({ op: "create", body: { title } })));
		const list = () => useTasks({ sort_by: "title", order: "asc" }, { limit: 3, total: "exact" });
		const now = await page(drawbridge, id, list);
		for (const count of [3, 6, 7]) {
			await until(() => expect(titles(now().tasks)).toEqual(wanted.slice(0, count)));
			expect([now().total, now().query.hasNextPage]).toEqual([7, count < 7]);
			await now().query.fetchNextPage();
		}
	});

	it("is one task, all tags with their counts, and the counts of all", async () => {
		const { drawbridge, id } = await newcomer("ann");
		const task = await drawbridge.tasks.create({ title: "one", tags: ["Gate", "Moat"] });
		const now = await page(drawbridge, id, () => ({
			one: useTask(task.id),
			tags: useTags({ with_counts: true }),
			stats: useStats({ days: 2 }),
		}));
		await until(() => expect(now().one.task).toEqual(task));
		await until(() =>
			expect(now().tags.data?.map((tag) => [tag.name, tag.task_count])).toEqual([
				["Gate", 1],
				["Moat", 1],
			]),
		);
		await until(() => expect(now().stats.data).toMatchObject({ total: 1, open: 1 }));
	});

	it("of one user is never shown to the next", async () => {
		const [ann, bob] = await Promise.all([newcomer("ann"), newcomer("bob")]);
		await ann.drawbridge.tasks.create({ title: "Ann's" });
		const anns = await page(ann.drawbridge, ann.id, () => useTasks());
		await until(() => expect(titles(anns().tasks)).toEqual(["Ann's"]));
		const shown: string[] = [];
		const bobs = await page(bob.drawbridge, bob.id, () => {
			const list = useTasks();
			shown.push(...titles(list.tasks));
			return list;
		});
		await until(() => expect(bobs().query.isSuccess).toBe(true));
		expect(shown).toEqual([]);
		expect(
			JSON.stringify(
				queries
					.getQueryCache()
					.getAll()
					.map(({ state }) => state.data),
			),
		).not.toContain("Ann's");
	});
});

describe("live changes", () => {
	it("bring what the user does elsewhere, and nothing of anybody else's", async () => {
		const [ann, bob] = await Promise.all([newcomer("ann"), newcomer("bob")]);
		const token = betterAuthToken((await ann.inAnotherBrowser()).authClient);
		const elsewhere = createDrawbridge({ baseUrl: inject("apiUrl"), token });
		const told: string[] = [];
		const now = await page(ann.drawbridge, ann.id, () => ({
			live: useLiveChanges({ onChange: ({ kind }) => told.push(kind) }),
			list: useTasks(),
			tags: useTags(),
		}));
		await until(() => expect(now().live.status).toBe("live"));
		await bob.drawbridge.tasks.create({ title: "Bob's" });
		const task = await elsewhere.tasks.create({ title: "From elsewhere" });
		await until(() => expect(titles(now().list.tasks)).toEqual(["From elsewhere"]));
		await elsewhere.tasks.update(task, { title: "Again from elsewhere", tags: ["Moat"] });
		await until(() => expect(titles(now().list.tasks)).toEqual(["Again from elsewhere"]));
		await until(() => expect(now().tags.data?.map(({ name }) => name)).toEqual(["Moat"]));
		await elsewhere.tasks.remove(task.id);
		await until(() => expect(now().list.tasks).toEqual([]));
		expect(told[0]).toBe("task.created");
	});

	it("end with the page, and their stream with them", async () => {
		const streams: (AbortSignal | null | undefined)[] = [];
		const ann = await newcomer("ann", {
			fetch: (request, init) => {
				if (request.url.endsWith("/events")) streams.push(init.signal);
				return globalThis.fetch(request, init);
			},
		});
		const now = await page(ann.drawbridge, ann.id, () => useLiveChanges());
		await until(() => expect(now().status).toBe("live"));
		root.render(null);
		await until(() => expect(streams.map((signal) => signal?.aborted)).toEqual([true]));
	});
});
