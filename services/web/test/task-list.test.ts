import type { Task, TaskPage } from "@drawbridge/client";
import { describe, expect, it, test } from "vitest";
import { describeFailure } from "../lib/failure";
import { emptyList, summary, type TaskList, type TaskListEvent, taskList } from "../lib/task-list";

const failure = describeFailure(new Error());

function task(id: string, more: Partial<Task> = {}): Task {
	return {
		id,
		user_id: "u",
		title: `Task ${id}`,
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
		...more,
	};
}

function page(items: Task[], next_cursor: string | null = null): TaskPage {
	return {
		items,
		limit: 50,
		next_cursor,
		has_more: next_cursor !== null,
		total: null,
		page: null,
		total_pages: null,
	};
}

const through = (list: TaskList, ...events: TaskListEvent[]) => events.reduce(taskList, list);
const loaded = (...items: Task[]) => through(emptyList, { type: "loaded", page: page(items) });
const ids = ({ rows }: TaskList) => rows.map((row) => row.task.id).join("");

describe("the list", () => {
	it("goes from loading to ready, or to failed and back", () => {
		expect(emptyList.status).toBe("loading");
		expect(loaded(task("a"))).toMatchObject({ status: "ready", failure: null });
		const failed = through(emptyList, { type: "load-failed", failure });
		expect(failed).toMatchObject({ status: "failed", failure });
		expect(through(failed, { type: "loading" })).toMatchObject({ status: "loading", failure: null });
		expect(through(failed, { type: "loaded", page: page([]) })).toMatchObject({
			status: "ready",
			failure: null,
		});
	});

	it("puts a new task first", () => {
		expect(ids(through(loaded(task("a")), { type: "added", task: task("b") }))).toBe("ba");
	});

	it("appends the next page without what is there already", () => {
		const first = through(emptyList, { type: "loaded", page: page([task("c"), task("b")], "next") });
		const asked = through(first, { type: "more-wanted" });
		expect(asked.loadingMore).toBe(true);
		const both = through(asked, { type: "more-loaded", page: page([task("b"), task("a")]) });
		expect(ids(both)).toBe("cba");
		expect(both).toMatchObject({ nextCursor: null, loadingMore: false });
	});

	it("keeps what it has when the next page cannot be loaded", () => {
		const first = through(
			emptyList,
			{ type: "loaded", page: page([task("a")], "next") },
			{ type: "more-wanted" },
		);
		const failed = through(first, { type: "failed", about: "More tasks could not be loaded.", failure });
		expect(failed).toMatchObject({ status: "ready", nextCursor: "next", loadingMore: false });
		expect(failed.notice?.about).toContain("More tasks");
	});
});

describe("a wish", () => {
	const wish = { type: "completion-wanted", id: "a", completed: true } as const;

	it("is shown as granted while it is asked, and for one task only", () => {
		const list = through(loaded(task("a"), task("b")), wish);
		expect(list.rows.map(({ task, pending }) => [task.completed, pending])).toEqual([
			[true, "completion"],
			[false, null],
		]);
	});

	it("that is granted becomes what the API made of it", () => {
		const answer = task("a", { completed: true, version: 2, completed_at: "2026-02-02T00:00:00Z" });
		const list = through(loaded(task("a")), wish, { type: "changed", task: answer });
		expect(list.rows[0]).toEqual({ task: answer, pending: null });
	});

	it("that is refused leaves the task as it was, and says so until the next one", () => {
		const before = task("a");
		const list = through(loaded(before), wish, { type: "failed", about: "No.", failure, id: "a", before });
		expect(list.rows[0]).toEqual({ task: before, pending: null });
		expect(list.notice).toEqual({ about: "No.", failure });
		expect(through(list, wish).notice).toBeNull();
		expect(through(list, { type: "notice-read" }).notice).toBeNull();
	});

	it("to delete keeps the task until it is gone", () => {
		const asked = through(loaded(task("a"), task("b")), { type: "deletion-wanted", id: "a" });
		expect(asked.rows[0]?.pending).toBe("deletion");
		expect(ids(through(asked, { type: "deleted", id: "a" }))).toBe("b");
		const refused = through(asked, { type: "failed", about: "No.", failure, id: "a" });
		expect(refused.rows[0]).toEqual({ task: task("a"), pending: null });
	});

	it("about a task that is no longer there changes nothing", () => {
		expect(ids(through(loaded(task("b")), wish, { type: "changed", task: task("a") }))).toBe("b");
	});
});

test("the summary counts what is loaded and does not claim more", () => {
	const done = (id: string) => task(id, { completed: true });
	expect(summary(loaded())).toBe("");
	expect(summary(loaded(task("a")))).toBe("1 to do");
	expect(summary(loaded(done("a")))).toBe("One task, done");
	expect(summary(loaded(done("a"), done("b")))).toBe("All 2 done");
	expect(summary(loaded(task("a"), done("b")))).toBe("1 to do, 1 done");
	const more = through(emptyList, { type: "loaded", page: page([task("a"), done("b")], "next") });
	expect(summary(more)).toBe("The newest 2, 1 of them done");
});
