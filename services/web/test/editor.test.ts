import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetDrafts } from "../lib/draft";
import { readEditorDraft, writeEditorDraft } from "../lib/editor/draft";
import { bodyOf, emptyForm, faultOf, formOf, isChanged, merged, patchOf } from "../lib/editor/form";
import { reminderChoices, reminderInstant, reminderOf } from "../lib/editor/reminder";
import { aTask } from "./a-task";

const zone = process.env.TZ;
beforeEach(() => {
	process.env.TZ = "Europe/Berlin";
});
afterEach(() => {
	process.env.TZ = zone;
	vi.unstubAllGlobals();
});

const task = aTask("a", {
	title: "Water the plants",
	description: "Not too much",
	priority: "medium",
	due_date: "2026-05-05T17:00:00.123Z",
	reminder_at: "2026-05-05T16:00:00.123Z",
	recurrence: { rrule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", timezone: "Asia/Tokyo" },
	tags: [{ id: "t", name: "Garden", color: "#2F855A" }],
});

describe("what is sent of an edited task", () => {
	it("is nothing where nothing was changed, also where fields show less than the API keeps", () => {
		expect(patchOf(formOf(task), formOf(task))).toEqual({});
		expect(isChanged(formOf(task), formOf(task))).toBe(false);
	});

	it("is what was changed and nothing else", () => {
		const form = { ...formOf(task), title: "  Water them ", tags: ["Garden", "Home"] };
		expect(patchOf(formOf(task), form)).toEqual({ title: "Water them", tags: ["Garden", "Home"] });
	});

	it("empties what was emptied", () => {
		const form = { ...formOf(task), description: "  ", rrule: "", due: { date: "", time: "" } };
		expect(patchOf(formOf(task), form)).toMatchObject({
			description: null,
			recurrence: null,
			due_date: null,
			reminder_at: null,
		});
	});

	it("keeps the zone in which a rule was meant", () => {
		const form = { ...formOf(task), rrule: "FREQ=DAILY" };
		expect(patchOf(formOf(task), form)).toEqual({
			recurrence: { rrule: "FREQ=DAILY", timezone: "Asia/Tokyo" },
		});
	});

	it("moves the reminder along with the due date that it goes by", () => {
		const form = { ...formOf(task), due: { date: "2026-05-06", time: "10:00" } };
		expect(patchOf(formOf(task), form)).toEqual({
			due_date: "2026-05-06T08:00:00.000Z",
			reminder_at: "2026-05-06T07:00:00.000Z",
		});
	});
});

it("lays what was changed here over what was changed elsewhere", () => {
	const base = formOf(task);
	const mine = { ...base, title: "Mine", due: { date: "2026-05-06", time: "" } };
	const theirs = formOf({ ...task, title: "Theirs", priority: "high" });
	expect(merged(base, mine, theirs)).toMatchObject({ title: "Mine", priority: "high", due: mine.due });
});

it("says what is wrong before the API has to", () => {
	const good = { ...emptyForm("Call"), due: { date: "2026-05-06", time: "10:00" } };
	expect(faultOf(good)).toBeNull();
	expect(faultOf({ ...good, title: " " })?.field).toBe("title");
	expect(faultOf({ ...emptyForm("Call"), rrule: "FREQ=DAILY" })?.field).toBe("due");
	expect(faultOf({ ...good, reminder: { choice: "own", own: { date: "", time: "" } } })?.field).toBe(
		"reminder",
	);
	expect(
		faultOf({ ...good, reminder: { choice: "own", own: { date: "2026-05-06", time: "10:00" } } })?.field,
	).toBe("reminder");
});

describe("a reminder", () => {
	it("is read as what it says about the due date, else by its own time", () => {
		const due = "2026-05-05T17:00:00Z";
		for (const [at, choice] of [
			["2026-05-05T16:45:00Z", "quarter"],
			["2026-05-05T16:00:00Z", "hour"],
			["2026-05-04T17:00:00Z", "day"],
			["2026-05-04T16:00:00Z", "evening"],
			["2026-05-01T16:00:00Z", "own"],
		] as const) {
			expect(reminderOf(at, due).choice).toBe(choice);
		}
		expect(reminderOf("2026-05-05T07:00:00Z", "2026-05-05T21:59:00Z").choice).toBe("morning");
		expect(reminderOf(null, due).choice).toBe("none");
	});

	it("means nothing by a due date that is not there", () => {
		expect(reminderChoices({ date: "", time: "" })).toEqual(["none", "own"]);
		expect(
			reminderInstant({ choice: "hour", own: { date: "", time: "" } }, { date: "", time: "" }),
		).toBeNull();
	});
});

describe("a draft", () => {
	beforeEach(() => {
		const kept = new Map<string, string>();
		const storage = {
			getItem: (key: string) => kept.get(key) ?? null,
			setItem: (key: string, text: string) => void kept.set(key, text),
			removeItem: (key: string) => void kept.delete(key),
		};
		vi.stubGlobal(
			"sessionStorage",
			new Proxy(storage, {
				ownKeys: () => [...kept.keys()],
				getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
			}),
		);
	});
	const draft = { form: { ...formOf(task), title: "Half a tit" }, base: formOf(task), version: 3 };

	it("comes back to its user and its task, and to nobody else", () => {
		writeEditorDraft("ann", "a", draft);
		expect(readEditorDraft("ann", "a")).toEqual(draft);
		expect(readEditorDraft("bob", "a")).toBeNull();
		expect(readEditorDraft("ann", undefined)).toBeNull();
	});

	it("goes when its user signs out, and another user's stays", () => {
		writeEditorDraft("ann", "a", draft);
		writeEditorDraft("bob", "b", draft);
		forgetDrafts("ann");
		expect(readEditorDraft("ann", "a")).toBeNull();
		expect(readEditorDraft("bob", "b")).toEqual(draft);
	});

	it("of an older version of the app is passed over", () => {
		writeEditorDraft("ann", "a", { ...draft, form: { title: "x" } as never });
		expect(readEditorDraft("ann", "a")).toBeNull();
	});
});

it("gives a new task every member that the API takes", () => {
	expect(bodyOf({ ...emptyForm("Call"), tags: ["Home"] })).toEqual({
		title: "Call",
		description: null,
		priority: "none",
		due_date: null,
		reminder_at: null,
		recurrence: null,
		tags: ["Home"],
	});
});
