import type { Locator } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { accessibilityFaults } from "./accessibility";
import { eventually, type Person } from "./person";
import { story } from "./story";

const { member } = story();
let ann: Person;
let bob: Person;
beforeAll(async () => {
	[ann, bob] = await Promise.all([member("Ann", { timezoneId: "America/New_York" }), member("Bob")]);
});

const editor = (person: Person, name: string | RegExp = "Edit task") =>
	person.page.getByRole("dialog", { name });
const open = async (person: Person, title: string): Promise<Locator> => {
	await person.page.getByRole("button", { name: `Open ${title}`, exact: true }).click();
	await editor(person).getByLabel("Title").waitFor();
	return editor(person);
};

describe("the editor", () => {
	it("makes a task with all that it can have, in the zone of whoever writes", async () => {
		await ann.entry.fill("Water the moat");
		await ann.page.getByRole("button", { name: "Details" }).click();
		const form = editor(ann, "New task");
		expect(await form.getByLabel("Title").inputValue()).toBe("Water the moat");
		await form.getByLabel("Notes").fill("With the big can.\nNot on Sundays.");
		await form.getByLabel("High").check();
		await form.getByLabel("Due date").fill("2031-05-06");
		await form.getByLabel("Due time").fill("17:30");
		await form.getByLabel("Repeats").selectOption({ label: "Every second Tuesday" });
		await form.getByText(/^Then 20 May 2031 17:30/).waitFor();
		await form.getByLabel("Reminder").selectOption("1 hour before");
		await form.getByRole("combobox", { name: "Tags" }).fill("Garden");
		await form.getByRole("combobox", { name: "Tags" }).press("Enter");
		await form.getByRole("combobox", { name: "Tags" }).fill("Water");
		await form.getByRole("combobox", { name: "Tags" }).press("Enter");
		await ann.picture("editor");
		await form.getByRole("button", { name: "Add task" }).click();
		await form.waitFor({ state: "detached" });
		await ann.row("Water the moat").and(ann.page.locator("[aria-busy=false]")).waitFor();
		const stored = await ann.stored("Water the moat");
		expect(stored).toMatchObject({
			description: "With the big can.\nNot on Sundays.",
			priority: "high",
			recurrence: { timezone: "America/New_York" },
			completed: false,
		});
		expect(stored?.recurrence?.rrule).toMatch(/INTERVAL=2/);
		// Half past five in New York, in summer.
		expect(new Date(stored?.due_date ?? "").toISOString()).toBe("2031-05-06T21:30:00.000Z");
		expect(new Date(stored?.reminder_at ?? "").toISOString()).toBe("2031-05-06T20:30:00.000Z");
		expect(stored?.tags.map(({ name }) => name).sort()).toEqual(["Garden", "Water"]);
		for (const { color } of stored?.tags ?? []) expect(color).toMatch(/^#[\dA-F]{6}$/);
		expect(await bob.stored("Water the moat")).toBeNull();
	});

	it("shows everything again that was saved, and changes nothing that nobody touched", async () => {
		const before = await ann.stored("Water the moat");
		const form = await open(ann, "Water the moat");
		expect(await form.getByLabel("Title").inputValue()).toBe("Water the moat");
		expect(await form.getByLabel("Notes").inputValue()).toBe("With the big can.\nNot on Sundays.");
		expect(await form.getByLabel("High").isChecked()).toBe(true);
		expect(await form.getByLabel("Due date").inputValue()).toBe("2031-05-06");
		expect(await form.getByLabel("Due time").inputValue()).toBe("17:30");
		expect(await form.getByLabel("Repeats").locator("option:checked").textContent()).toBe(
			"Every second Tuesday",
		);
		expect(await form.getByLabel("Reminder").locator("option:checked").textContent()).toBe("1 hour before");
		await form.getByRole("button", { name: "Remove tag Garden" }).waitFor();
		await form.getByRole("button", { name: "Save" }).click();
		await form.waitFor({ state: "detached" });
		expect(await ann.stored("Water the moat")).toEqual(before);
	});

	it("saves by the keyboard, takes tags and dates away again, and says what is wrong at its field", async () => {
		const form = await open(ann, "Water the moat");
		await form.getByLabel("Title").fill("  ");
		await form.getByLabel("Title").press("Control+Enter");
		await eventually(() => form.getByLabel("Title").getAttribute("aria-invalid"), "true");
		await form.getByLabel("Title").fill("Water the garden");
		await form.getByRole("button", { name: "Remove tag Water" }).click();
		await form.getByLabel("Repeats").selectOption("Does not repeat");
		await form.getByRole("button", { name: "No due date" }).click();
		await form.getByLabel("Reminder").selectOption("No reminder");
		await form.getByLabel("Title").press("Control+Enter");
		await form.waitFor({ state: "detached" });
		await ann.box("Water the garden").waitFor();
		expect(await ann.stored("Water the garden")).toMatchObject({
			due_date: null,
			reminder_at: null,
			recurrence: null,
			tags: [{ name: "Garden" }],
		});
	});

	it("keeps what was typed and not saved, for its user alone, and gives it back", async () => {
		let form = await open(ann, "Water the garden");
		await form.getByLabel("Notes").fill("Half a thought");
		await ann.page.keyboard.press("Escape");
		await ann.notes.getByText("Not saved yet.").waitFor();
		await ann.reload();
		form = await open(ann, "Water the garden");
		await form.getByText("This is what you typed earlier and did not save.").waitFor();
		expect(await form.getByLabel("Notes").inputValue()).toBe("Half a thought");
		await form.getByRole("button", { name: "Discard changes" }).click();
		form = await open(ann, "Water the garden");
		expect(await form.getByLabel("Notes").inputValue()).toBe("With the big can.\nNot on Sundays.");
		await ann.page.keyboard.press("Escape");
		await form.waitFor({ state: "detached" });
	});

	it("loses nothing to a session that ends meanwhile", async () => {
		const form = await open(ann, "Water the garden");
		await form.getByLabel("Notes").fill("Written across the end of a session");
		await ann.sessionsEnd();
		await form.getByRole("button", { name: "Save" }).click();
		const gate = ann.page.getByRole("dialog", { name: "Your session has ended" });
		await gate.getByLabel("Password").fill(ann.password);
		await ann.picture("session-ended-in-editor");
		expect(await accessibilityFaults(ann.page)).toEqual([]);
		await gate.getByRole("button", { name: "Sign in" }).click();
		await gate.waitFor({ state: "detached" });
		await form.waitFor({ state: "detached" });
		expect((await ann.stored("Water the garden"))?.description).toBe("Written across the end of a session");
	});
});

describe("two who change the same task", () => {
	const changedElsewhere = async (body: Record<string, unknown>) => {
		const task = await ann.stored("Water the garden");
		expect((await ann.api("PATCH", `me/tasks/${task?.id}`, body)).status).toBe(200);
	};

	it("are asked whose it shall be, and may look; mine keeps what the other has changed beside it", async () => {
		const form = await open(ann, "Water the garden");
		await form.getByLabel("Notes").fill("Mine");
		await changedElsewhere({ description: "Theirs", priority: "low" });
		await form.getByRole("button", { name: "Save" }).click();
		const choice = form.getByRole("alertdialog", { name: "This task was changed elsewhere meanwhile" });
		await choice.getByRole("button", { name: "Look at both" }).click();
		await choice.getByRole("cell", { name: "Theirs" }).waitFor();
		await choice.getByRole("cell", { name: "Mine" }).waitFor();
		await ann.picture("conflict");
		expect(await accessibilityFaults(ann.page)).toEqual([]);
		expect((await ann.stored("Water the garden"))?.description).toBe("Theirs");
		await choice.getByRole("button", { name: "Keep mine" }).click();
		await form.waitFor({ state: "detached" });
		expect(await ann.stored("Water the garden")).toMatchObject({ description: "Mine", priority: "low" });
	});

	it("may take what the other has made of it", async () => {
		const form = await open(ann, "Water the garden");
		await form.getByLabel("Notes").fill("Mine again");
		await changedElsewhere({ description: "Theirs again" });
		await form.getByRole("button", { name: "Save" }).click();
		await form.getByRole("button", { name: "Take theirs" }).click();
		await eventually(() => form.getByLabel("Notes").inputValue(), "Theirs again");
		await form.getByRole("button", { name: "Save" }).click();
		await form.waitFor({ state: "detached" });
		expect((await ann.stored("Water the garden"))?.description).toBe("Theirs again");
	});
});

describe("subtasks", () => {
	it("are added, counted and completed below their task, on which the list unfolds", async () => {
		const form = await open(ann, "Water the garden");
		for (const title of ["Fill the can", "Carry the can"]) {
			await form.getByLabel("New subtask").fill(title);
			await form.getByLabel("New subtask").press("Enter");
			await form.getByRole("checkbox", { name: title }).and(ann.page.locator(":enabled")).waitFor();
		}
		await form.getByRole("checkbox", { name: "Fill the can" }).click();
		await form.getByText("1 of 2 done").waitFor();
		await ann.picture("subtasks");
		await ann.page.keyboard.press("Escape");
		await form.waitFor({ state: "detached" });
		const parent = await ann.stored("Water the garden");
		expect((await ann.stored("Carry the can"))?.parent_id).toBe(parent?.id);
		expect((await ann.stored("Fill the can"))?.completed).toBe(true);
		await ann.page.getByLabel("All", { exact: true }).click();
		await ann.page.getByRole("button", { name: /^Subtasks of Water the garden/ }).click();
		await ann.box("Carry the can").waitFor();
		await ann.picture("unfolded");
	});
});

describe("a task that recurs", () => {
	it("is there again, at its next time, when it is done", async () => {
		await ann.has({
			title: "Wind the clock",
			due_date: "2031-05-04T16:00:00Z",
			recurrence: { rrule: "FREQ=DAILY", timezone: "America/New_York" },
		});
		await ann.open();
		await eventually(
			() => ann.row("Wind the clock").innerText(),
			expect.stringContaining("4 May 2031 12:00"),
		);
		await ann.box("Wind the clock").click();
		await eventually(
			() => ann.row("Wind the clock").innerText(),
			expect.stringContaining("5 May 2031 12:00"),
		);
		expect(await ann.box("Wind the clock").isChecked()).toBe(false);
	});
});

describe("tags", () => {
	it("get another name and colour everywhere at once, for their user alone", async () => {
		await bob.has({ title: "Bob's bed", tags: [{ name: "Garden", color: "#112233" }] });
		await ann.page.getByRole("button", { name: "Edit tags" }).click();
		const dialog = ann.page.getByRole("dialog", { name: "Tags" });
		await dialog.getByLabel("Name of Garden").fill("Orchard");
		await dialog.getByLabel("Name of Garden").press("Enter");
		await dialog.getByLabel("Colour of Orchard").fill("#aa3355");
		await dialog.getByLabel("Colour of Orchard").dispatchEvent("change");
		await ann.picture("tags");
		await eventually(
			async () => (await ann.stored("Water the garden"))?.tags[0],
			expect.objectContaining({ name: "Orchard", color: "#AA3355" }),
		);
		expect((await bob.stored("Bob's bed"))?.tags[0]).toMatchObject({ name: "Garden", color: "#112233" });
		await dialog.getByLabel("New tag").fill("orchard");
		await dialog.getByLabel("New tag").press("Enter");
		await dialog.getByText("There is a tag with this name already.").waitFor();
		await dialog.getByRole("button", { name: "Delete tag Water" }).click();
		expect(await accessibilityFaults(ann.page)).toEqual([]);
		await dialog.getByRole("button", { name: "Delete", exact: true }).click();
		await eventually(() => dialog.getByRole("listitem").count(), 1);
		await ann.page.keyboard.press("Escape");
		await eventually(() => ann.row("Water the garden").innerText(), expect.stringContaining("Orchard"));
	});
});
