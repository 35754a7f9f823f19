import { beforeAll, describe, expect, inject, it } from "vitest";
import {
	betterAuthToken,
	ConflictError,
	createDrawbridge,
	type Drawbridge,
	isProblem,
	type Task,
} from "../../src/index.js";
import { signUp } from "./ground.js";

let ann: Drawbridge;
let bob: Drawbridge;
beforeAll(async () => {
	const of = async (name: string) => {
		const token = betterAuthToken((await signUp(name)).authClient);
		return createDrawbridge({ baseUrl: inject("apiUrl"), token });
	};
	[ann, bob] = await Promise.all([of("ann"), of("bob")]);
});

async function all<T>(entries: AsyncIterable<T>): Promise<T[]> {
	const found = [];
	for await (const entry of entries) found.push(entry);
	return found;
}

const titles = (tasks: Task[]) => tasks.map((task) => task.title);

describe("one's tasks", () => {
	it("are made, read, changed and listed, and nobody else has them", async () => {
		const made = await ann.tasks.create({ title: "Raise the bridge", tags: ["Gate"] });
		expect(made.tags.map((tag) => tag.name)).toEqual(["Gate"]);
		const changed = await ann.tasks.update(made, { priority: "high", due_date: "2031-03-01T09:00:00+01:00" });
		expect(changed).toMatchObject({ priority: "high", due_date: "2031-03-01T08:00:00Z", version: 2 });
		expect(await ann.tasks.get(made.id)).toEqual(changed);
		expect(titles(await all(ann.tasks.iterate({ tag: ["gate"] })))).toEqual(["Raise the bridge"]);

		expect(await all(bob.tasks.iterate())).toEqual([]);
		const error = await bob.tasks.get(made.id).catch((thrown) => thrown);
		expect(isProblem(error, "task_not_found")).toBe(true);
		await expect(bob.tasks.remove(made.id)).rejects.toMatchObject({ code: "task_not_found" });
		await expect(bob.tasks.update(made, { title: "Bob's" })).rejects.toMatchObject({ status: 404 });
		expect(await ann.tasks.get(made.id)).toEqual(changed);
	});

	it("come page after page without gaps or repeats", async () => {
		const wanted = Array.from({ length: 23 }, (_, at) => `page ${String(at).padStart(2, "0")}`);
		await bob.tasks.batch(wanted.map((title) => ({ op: "create", body: { title } })));
		const paged = bob.tasks.iterate({ limit: 5, sort_by: "title", order: "asc" });
		expect(titles(await all(paged))).toEqual(wanted);
		const page = await bob.tasks.list({ limit: 5, total: "exact" });
		expect(page).toMatchObject({ total: 23, has_more: true });
		for await (const task of bob.tasks.iterate({ limit: 5 })) {
			expect(task.title).toMatch(/^page/);
			break;
		}
	});

	it("are changed as they were read, or not at all: a conflict has how it is now", async () => {
		const read = await ann.tasks.create({ title: "Contested" });
		const theirs = await ann.tasks.update(read.id, { title: "Theirs" });
		for (const change of [
			() => ann.tasks.update(read, { title: "Ours" }),
			() => ann.tasks.replace(read, { title: "Ours" }),
			() => ann.tasks.complete(read),
			() => ann.tasks.remove(read),
			() => ann.tasks.tags.set(read, ["Ours"]),
		]) {
			const error = await change().catch((thrown: unknown) => thrown);
			expect(error).toBeInstanceOf(ConflictError);
			expect(error).toMatchObject({ status: 412, code: "precondition_failed", current: theirs });
		}
		expect(await ann.tasks.get(read.id)).toEqual(theirs);
		expect((await ann.tasks.update(theirs, { title: "Ours" })).title).toBe("Ours");
	});

	it("as they were read are a body to put back", async () => {
		const read = await ann.tasks.create({ title: "Whole", description: "all of it", tags: ["Gate"] });
		const back = await ann.tasks.replace(read, read);
		expect(back).toMatchObject({ title: "Whole", description: "all of it", tags: read.tags });
	});

	it("go into the trash, come back, and go for good", async () => {
		const task = await ann.tasks.create({ title: "Fleeting" });
		await ann.tasks.remove(task);
		expect(titles(await all(ann.tasks.iterate({ deleted: "only" })))).toEqual(["Fleeting"]);
		const back = await ann.tasks.restore(task.id);
		expect(back.deleted_at).toBeNull();
		await ann.tasks.purge(back);
		await expect(ann.tasks.get(task.id)).rejects.toMatchObject({ code: "task_not_found" });
		await ann.tasks.remove(await ann.tasks.create({ title: "Fleeting, too" }));
		expect(await ann.tasks.emptyTrash()).toEqual({ purged: 1 });
	});

	it("are completed once, and those that recur are followed", async () => {
		const task = await ann.tasks.create({
			title: "Oil the chains",
			due_date: "2031-03-01T09:00:00Z",
			recurrence: { rrule: "FREQ=WEEKLY", timezone: "Europe/Berlin" },
		});
		expect((await ann.tasks.occurrences(task, { limit: 2 })).occurrences).toEqual([
			"2031-03-08T09:00:00Z",
			"2031-03-15T09:00:00Z",
		]);
		const preview = { rrule: "FREQ=DAILY", due_date: "2031-03-01T09:00:00Z", limit: 1 };
		expect((await ann.tasks.previewRecurrence(preview)).occurrences).toHaveLength(1);
		const first = await ann.tasks.complete(task);
		expect(first.next_occurrence?.due_date).toBe("2031-03-08T09:00:00Z");
		const second = await ann.tasks.complete(task.id);
		expect(second.task.completed_at).toBe(first.task.completed_at);
		expect(second.next_occurrence?.id).toBe(first.next_occurrence?.id);
		expect((await ann.tasks.reopen(second.task)).task.completed).toBe(false);
	});

	it("stand below each other, and in the order that their user gives", async () => {
		const parent = await ann.tasks.create({ title: "Build" });
		const below = (title: string) => ann.tasks.create({ title, parent_id: parent.id });
		const [one, two, three] = [await below("one"), await below("two"), await below("three")];
		await ann.tasks.move(three, { before: one.id });
		await ann.tasks.move(one.id, { after: two.id });
		expect(titles(await all(ann.tasks.subtasks(parent)))).toEqual(["three", "two", "one"]);
	});

	it("are changed many at a time: all of them, or each for itself", async () => {
		const task = await ann.tasks.create({ title: "One of many" });
		const stale = { id: task.id, version: 7 };
		const operations = [
			{ op: "create", body: { title: "Another" } },
			{ op: "patch", task: stale, body: { title: "Never" } },
		] as const;
		await expect(ann.tasks.batch([...operations])).rejects.toMatchObject({ code: "batch_failed" });
		const outcomes = await ann.tasks.batch(
			[...operations, { op: "complete", task }, { op: "delete", task: task.id }],
			{
				atomic: false,
			},
		);
		expect(outcomes.map((outcome) => outcome.status)).toEqual([201, 412, 200, 204]);
		expect(outcomes[1]?.problem?.code).toBe("precondition_failed");
	});

	it("are counted", async () => {
		const stats = await bob.tasks.stats({ timezone: "Asia/Tokyo", days: 3 });
		expect(stats).toMatchObject({ total: 23, open: 23, timezone: "Asia/Tokyo" });
		expect(stats.days).toHaveLength(3);
	});

	it("are made once under one key", async () => {
		const key = { idempotencyKey: "of-this-very-form" };
		const one = await ann.tasks.create({ title: "Only one" }, key);
		expect(await ann.tasks.create({ title: "Only one" }, key)).toEqual(one);
		const bobs = await bob.tasks.create({ title: "Only one" }, key);
		expect(bobs.id).not.toBe(one.id);
	});
});

describe("one's tags", () => {
	it("are made, renamed, put onto tasks, taken off and removed, and nobody else has them", async () => {
		const tag = await ann.tags.create({ name: "Moat", color: "#38f" });
		expect(tag.color).toBe("#3388FF");
		const error = await ann.tags.create({ name: "MOAT" }).catch((thrown) => thrown);
		expect(isProblem(error, "tag_name_conflict")).toBe(true);
		await expect(bob.tags.get(tag.id)).rejects.toMatchObject({ code: "tag_not_found" });
		const task = await ann.tasks.create({ title: "Fill it" });
		await ann.tasks.tags.add(task, tag.id);
		expect((await ann.tasks.tags.list(task.id)).items.map(({ name }) => name)).toEqual(["Moat"]);
		await expect(ann.tasks.tags.add(task.id, tag.id)).rejects.toMatchObject({
			code: "duplicate_tag_assignment",
		});
		const counted = await all(ann.tags.iterate({ with_counts: true }));
		expect(counted.find(({ id }) => id === tag.id)?.task_count).toBe(1);
		await ann.tasks.tags.remove(task.id, tag.id);
		const renamed = await ann.tags.update(tag, { name: "Ditch" });
		await expect(ann.tags.update(tag, { name: "Trench" })).rejects.toMatchObject({ current: renamed });
		expect((await ann.tags.replace(renamed, renamed)).name).toBe("Ditch");
		await ann.tags.remove(tag.id);
		await expect(ann.tags.get(tag.id)).rejects.toMatchObject({ code: "tag_not_found" });
	});
});

describe("one's webhooks", () => {
	it("show their secret once, and are nobody else's", async () => {
		const made = await ann.webhooks.create({ url: "https://example.com/hook", kinds: ["task.reminder"] });
		expect(made.secret).toMatch(/^whsec_/);
		expect(await ann.webhooks.get(made.id)).not.toHaveProperty("secret");
		await expect(bob.webhooks.get(made.id)).rejects.toMatchObject({ code: "webhook_not_found" });
		expect((await ann.webhooks.update(made.id, { enabled: false })).enabled).toBe(false);
		expect((await ann.webhooks.list()).items.map(({ id }) => id)).toEqual([made.id]);
		expect((await bob.webhooks.list()).items).toEqual([]);
		await ann.webhooks.remove(made.id);
		expect((await ann.webhooks.list()).items).toEqual([]);
		await expect(ann.webhooks.create({ url: "https://127.0.0.1/" })).rejects.toMatchObject({
			code: "validation_failed",
			errors: [{ pointer: "/url", code: "target_not_allowed" }],
		});
	});
});

describe("what the client was made from", () => {
	it("is what the API shows", async () => {
		const { drifted, client, server } = await ann.checkDrift();
		expect({ drifted, client }).toEqual({ drifted: false, client: server });
		expect(client).toMatch(/^[0-9a-f]{64}$/);
	});
});
