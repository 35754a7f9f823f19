import { describe, expect, it } from "vitest";
import { everything } from "../lib/selection";
import { appended, mayShow, moved, prepended, replaced, tasksOf, without } from "../lib/tasks/cache";
import { matchesHere } from "../lib/tasks/matches";
import { patched, placeholder } from "../lib/tasks/placeholder";
import { linesOf } from "../lib/tasks/tree";
import { aTask, somePages } from "./a-task";

const ids = (pages: Parameters<typeof tasksOf>[0]) => tasksOf(pages).map(({ id }) => id);
const now = new Date("2026-05-04T10:00:00Z");

describe("kept pages", () => {
	it("stay the very same objects where nothing in them changes", () => {
		const pages = somePages(["a", "b"], ["c"]);
		expect(replaced(pages, "z", (task) => ({ ...task }))).toBe(pages);
		expect(replaced(pages, "a", (task) => task)).toBe(pages);
		expect(without(pages, new Set(["z"]))).toBe(pages);
		expect(replaced(pages, "c", (task) => ({ ...task, title: "x" })).pages[0]).toBe(pages.pages[0]);
	});

	it("take a new task at their head once, and at their end only where the end is known", () => {
		const pages = somePages(["a"], ["b"]);
		expect(ids(prepended(pages, aTask("n")))).toEqual(["n", "a", "b"]);
		expect(prepended(pages, aTask("b"))).toBe(pages);
		expect(ids(appended(pages, aTask("n")))).toEqual(["a", "b", "n"]);
		const cut = { ...pages, pages: pages.pages.slice(0, 1) };
		expect(appended(cut, aTask("n"))).toBe(cut);
	});

	it("keep their sizes when a task is moved from one to another", () => {
		const pages = somePages(["a", "b"], ["c", "d"]);
		const after = moved(pages, "a", { after: "c" });
		expect(ids(after)).toEqual(["b", "c", "a", "d"]);
		expect(after.pages.map(({ items }) => items.length)).toEqual([2, 2]);
		expect(ids(moved(pages, "d", { before: "a" }))).toEqual(["d", "a", "b", "c"]);
		expect(moved(pages, "a", { before: "z" })).toBe(pages);
	});
});

it("knows which lists a task may be in", () => {
	const task = aTask("a", {
		priority: "high",
		due_date: "2026-05-04T09:00:00Z",
		tags: [{ id: "t", name: "Home", color: "#000000" }],
	});
	const shows = (query: Parameters<typeof mayShow>[0]) => mayShow(query, task, now);
	expect([shows({}), shows({ status: "incomplete" }), shows({ status: "complete" })]).toEqual([
		true,
		true,
		false,
	]);
	expect([shows({ priority: ["low"] }), shows({ priority: ["low", "high"] })]).toEqual([false, true]);
	expect([
		shows({ tag_id: ["t", "u"], tag_match: "any" }),
		shows({ tag_id: ["t", "u"], tag_match: "all" }),
	]).toEqual([true, false]);
	expect([shows({ overdue: true }), shows({ due_before: "2026-05-04T09:00:00Z" })]).toEqual([true, false]);
	expect([shows({ deleted: "only" }), shows({ parent_id: "p" }), shows({ parent_id: "none" })]).toEqual([
		false,
		false,
		true,
	]);
});

describe("lines of the list", () => {
	const [parent, child, other] = [aTask("p"), aTask("c", { parent_id: "p", completed: true }), aTask("o")];
	const options = { nested: true, unfolded: new Set<string>(), childrenOf: () => undefined, complete: true };

	it("hide what is below a task until it is unfolded, and count it", () => {
		const folded = linesOf([parent, child, other], options);
		expect(folded.map(({ task, depth }) => [task.id, depth])).toEqual([
			["p", 0],
			["o", 0],
		]);
		expect(folded[0]?.children).toEqual({ open: false, count: 1, done: 1 });
		const open = linesOf([parent, child, other], {
			...options,
			unfolded: new Set(["p"]),
			childrenOf: (id) => (id === "p" ? [child] : undefined),
		});
		expect(open.map(({ task, depth }) => [task.id, depth])).toEqual([
			["p", 0],
			["c", 1],
			["o", 0],
		]);
	});

	it("give each match a line of its own, and say what it is below", () => {
		const lines = linesOf([child, parent], { ...options, nested: false });
		expect(lines.map(({ task, parentTitle }) => [task.id, parentTitle])).toEqual([
			["c", "Task p"],
			["p", null],
		]);
	});

	it("give no number that may be too small", () => {
		expect(linesOf([parent, child], { ...options, complete: false })[0]?.children.count).toBeNull();
	});
});

describe("search as one types", () => {
	const known = [
		aTask("a", { title: "Water the plants" }),
		aTask("b", { title: "Plan the summer", completed: true }),
		aTask("c", { title: "Call", description: "about planks" }),
	];
	const found = (search: string) =>
		matchesHere([], known, { ...everything, search }, now).map(({ id }) => id);

	it("finds words by their beginnings in what is here already, within the selection", () => {
		expect(found("pla")).toEqual(["a", "c"]);
		expect(found("the pla")).toEqual(["a"]);
		expect(found("ants")).toEqual([]);
	});

	it("leaves the operators of the search to the API", () => {
		for (const search of ['"plan', "plants or call", "plants -water"]) expect(found(search)).toEqual([]);
	});
});

describe("what is shown ahead of the answer", () => {
	it("is a task that is not there yet", () => {
		const task = placeholder({ title: " Call ", priority: "high" }, "key", [], now);
		expect(task).toMatchObject({ id: "key", title: "Call", version: 0, priority: "high", completed: false });
	});

	it("is a changed task with all else as it was", () => {
		const home = { id: "t", name: "Home", color: "#000000" };
		const known = [{ ...home, user_id: "u", task_count: 1, version: 1, created_at: "", updated_at: "" }];
		const before = aTask("a", { description: "x", due_date: "2026-05-04T09:00:00Z" });
		expect(patched(before, { title: "New", due_date: null, tags: ["Home"] }, known)).toMatchObject({
			title: "New",
			due_date: null,
			description: "x",
			tags: [home],
			version: 1,
		});
	});
});
