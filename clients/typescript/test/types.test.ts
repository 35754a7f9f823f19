import { describe, expect, it } from "vitest";
import {
	ConflictError,
	createDrawbridge,
	type Drawbridge,
	isProblem,
	type Task,
	type TokenSource,
	toInputValue,
} from "../src/index.js";

// What is below is compiled by `npm run typecheck`, where an expected error that does not come is an error. It is never run.
type Mistake = (drawbridge: Drawbridge, task: Task) => unknown;

const ofPages: Mistake[] = [
	// @ts-expect-error a page is not an array
	async ({ tasks }) => (await tasks.list()).map((task) => task.title),
	// @ts-expect-error nor has it a length
	async ({ tags }) => (await tags.list()).length,
	// @ts-expect-error pages are followed by cursors, which are text
	({ tasks }) => tasks.list({ cursor: 2 }),
	// @ts-expect-error the next cursor may be absent
	async ({ tasks }) => (await tasks.list()).next_cursor.length,
	// @ts-expect-error the total is not known unless it was asked for
	async ({ tasks }) => (await tasks.list()).total + 1,
	// @ts-expect-error which page comes next is the iterator's business
	({ tasks }) => tasks.iterate({ cursor: "abc" }),
	// @ts-expect-error an iterator of tasks is not awaited for an array
	async ({ tasks }) => (await tasks.iterate()).map((task) => task),
];

const ofIds: Mistake[] = [
	// @ts-expect-error ids are uuids, not numbers
	({ tasks }) => tasks.get(1),
	// @ts-expect-error and compared with numbers they are never equal
	(_, task) => task.id === 1,
	// @ts-expect-error an id alone says which, a version alone says nothing
	({ tasks }) => tasks.remove({ version: 1 }),
	// @ts-expect-error tags are put on by their id
	({ tasks }, task) => tasks.tags.add(task, 7),
	// @ts-expect-error a place is beside a task, not a number
	({ tasks }, task) => tasks.move(task, { before: 0 }),
	// @ts-expect-error and it is on one side of it
	({ tasks }, task) => tasks.move(task, {}),
];

const ofBodies: Mistake[] = [
	// @ts-expect-error a task needs a title
	({ tasks }) => tasks.create({}),
	// @ts-expect-error a tag has a name; its colour is optional
	({ tags }) => tags.create({ color: "#fff" }),
	// @ts-expect-error there are four priorities
	({ tasks }) => tasks.create({ title: "x", priority: "urgent" }),
	// @ts-expect-error times are text with an offset, not Dates
	({ tasks }) => tasks.create({ title: "x", due_date: new Date() }),
	// @ts-expect-error a member that there is not
	({ tasks }, task) => tasks.update(task, { done: true }),
	// @ts-expect-error a whole task has a title
	({ tasks }, task) => tasks.replace(task, { completed: true }),
	// @ts-expect-error what is to be emptied is null, and a title cannot be
	({ tasks }, task) => tasks.update(task, { title: null }),
	// @ts-expect-error a batch has operations that there are
	({ tasks }, task) => tasks.batch([{ op: "archive", task }]),
	// @ts-expect-error and each with what it needs
	({ tasks }) => tasks.batch([{ op: "complete" }]),
	// @ts-expect-error filters have the values that the API knows
	({ tasks }) => tasks.list({ status: "done" }),
	// @ts-expect-error and so have sorts
	({ tasks }) => tasks.list({ sort_by: "name" }),
	// @ts-expect-error whoever deletes everything has to say whose
	(drawbridge) => drawbridge.deleteAccount(),
	// @ts-expect-error an import is a file, a stream or text
	(drawbridge) => drawbridge.import([{ type: "task" }]),
	// @ts-expect-error a secret is shown once, to whoever makes the webhook
	async ({ webhooks }) => (await webhooks.get("id")).secret,
];

declare const session: { token: string; user: { id: string } };
const baseUrl = "http://localhost:8000";
const ofTokens: Mistake[] = [
	// @ts-expect-error a session's token is no source of tokens
	() => createDrawbridge({ baseUrl, token: session.token }),
	// @ts-expect-error nor is the session
	() => createDrawbridge({ baseUrl, token: session }),
	// @ts-expect-error nor a function that may find nobody signed in and says so with null
	() => createDrawbridge({ baseUrl, token: async () => null }),
	// @ts-expect-error without one there is no client
	() => createDrawbridge({ baseUrl }),
	// @ts-expect-error a token is asked for when it is needed, not once
	(drawbridge) => drawbridge.tokens.value,
	// @ts-expect-error and it is not text but a promise of it
	(drawbridge) => drawbridge.tokens.token().split("."),
];

const ofErrors: Mistake[] = [
	// @ts-expect-error there is no such code
	() => isProblem(new Error("x"), "tag_exists"),
	// @ts-expect-error not every error is the API's
	() => new Error("x").code,
	() => {
		const error: unknown = new Error("x");
		// @ts-expect-error the one code that was asked for is not another one
		return isProblem(error, "task_not_found") && error.code === "tag_not_found";
	},
	() => {
		const error: unknown = new Error("x");
		// @ts-expect-error the present state may be unreadable
		return error instanceof ConflictError && (error as ConflictError<Task>).current.title;
	},
];

const ofChanges: Mistake[] = [
	// @ts-expect-error somebody has to be told
	({ changes }) => changes.subscribe({}),
	// @ts-expect-error numbers of events are numbers
	({ changes }) => changes.subscribe({ since: "17", onChange: () => {} }),
	// @ts-expect-error an event does not say what the task is now
	({ changes }) => changes.subscribe({ onChange: (change) => change.title }),
	// @ts-expect-error only who waits knows until when
	({ changes }) => changes.subscribe({ onChange() {}, onState: (state) => state.retryAt }),
];

const ofDates: Mistake[] = [
	// @ts-expect-error what may be absent is no text for an input
	(_, task) => ({ value: task.due_date }) satisfies { value: string },
	// @ts-expect-error an input is for a time or for a date
	(_, task) => toInputValue(task.due_date, { kind: "time" }),
];

const right: Mistake[] = [
	async ({ tasks }) => (await tasks.list()).items.map((task) => task.title satisfies string),
	({ tasks }, task) => tasks.update(task, { description: null, tags: ["a", { name: "b" }, { id: task.id }] }),
	({ tasks }, task) => tasks.replace(task, task) satisfies Promise<Task>,
	({ tags }) => tags.create({ name: "a" }),
	(_, task) => ({ value: toInputValue(task.due_date) }) satisfies { value: string },
	() => createDrawbridge({ baseUrl, token: async () => session.token }),
	(drawbridge) => drawbridge.tokens satisfies TokenSource,
	() => {
		const error: unknown = new Error("x");
		if (isProblem(error, "task_not_found", "tag_not_found"))
			error.code satisfies "task_not_found" | "tag_not_found";
	},
];

describe("the types", () => {
	it("are tried by the compiler on each of these", () => {
		const mistakes = [ofPages, ofIds, ofBodies, ofTokens, ofErrors, ofChanges, ofDates].flat();
		expect(mistakes).toHaveLength(43);
		expect(right).toHaveLength(8);
	});
});
