import type { NewTask, Task, TaskPatch } from "../api/api";
import { fromFields, ownZone, toFields } from "../dates";
import type { Priority } from "../selection";
import { type Fields, type Reminder, reminderInstant, reminderOf } from "./reminder";

/** What the editor's fields hold. */
export interface TaskForm {
	title: string;
	description: string;
	priority: Priority;
	due: Fields;
	reminder: Reminder;
	/** Empty for a task that does not recur. */
	rrule: string;
	timezone: string;
	/** By their names: one that is not there yet is made along with the task. */
	tags: string[];
}

export function emptyForm(title = ""): TaskForm {
	return {
		title,
		description: "",
		priority: "none",
		due: { date: "", time: "" },
		reminder: { choice: "none", own: { date: "", time: "" } },
		rrule: "",
		timezone: ownZone(),
		tags: [],
	};
}

export function formOf(task: Task): TaskForm {
	return {
		title: task.title,
		description: task.description ?? "",
		priority: task.priority,
		due: toFields(task.due_date),
		reminder: reminderOf(task.reminder_at, task.due_date),
		rrule: task.recurrence?.rrule ?? "",
		timezone: task.recurrence?.timezone ?? ownZone(),
		tags: task.tags.map(({ name }) => name),
	};
}

/** What the form says, as the API takes it. Members are always there, so that two forms can be compared by them. */
export function bodyOf(form: TaskForm) {
	const due = fromFields(form.due);
	return {
		title: form.title.trim(),
		description: form.description.trim() === "" ? null : form.description,
		priority: form.priority,
		due_date: due,
		reminder_at: reminderInstant(form.reminder, form.due),
		recurrence: form.rrule === "" ? null : { rrule: form.rrule, timezone: form.timezone },
		tags: form.tags,
	} satisfies NewTask;
}

/** Only what differs between the two: what somebody else has changed of the rest is not overwritten. */
export function patchOf(before: TaskForm, after: TaskForm): TaskPatch {
	const [was, is] = [bodyOf(before), bodyOf(after)];
	const changed = (Object.keys(is) as (keyof typeof is)[]).filter((name) => !same(was[name], is[name]));
	return Object.fromEntries(changed.map((name) => [name, is[name]]));
}

export function isChanged(before: TaskForm, after: TaskForm): boolean {
	return Object.keys(patchOf(before, after)).length > 0;
}

/** Laid over how the task is now: what was changed here is as here, the rest as there. */
export function merged(before: TaskForm, mine: TaskForm, theirs: TaskForm): TaskForm {
	const changed = patchOf(before, mine);
	const pick = <K extends keyof TaskForm>(name: K, member: keyof TaskPatch): TaskForm[K] =>
		member in changed ? mine[name] : theirs[name];
	return {
		title: pick("title", "title"),
		description: pick("description", "description"),
		priority: pick("priority", "priority"),
		due: pick("due", "due_date"),
		reminder: pick("reminder", "reminder_at"),
		rrule: pick("rrule", "recurrence"),
		timezone: pick("timezone", "recurrence"),
		tags: pick("tags", "tags"),
	};
}

/** What is wrong with it, as far as it can be told before the API is asked. */
export function faultOf(form: TaskForm): { field: "title" | "due" | "reminder"; text: string } | null {
	if (form.title.trim() === "") return { field: "title", text: "A task needs a title." };
	const due = fromFields(form.due);
	if (form.rrule !== "" && due === null)
		return { field: "due", text: "A task that recurs needs a due date." };
	const reminder = reminderInstant(form.reminder, form.due);
	if (form.reminder.choice === "own" && reminder === null) {
		return { field: "reminder", text: "Say when to remind you." };
	}
	if (reminder !== null && due !== null && Date.parse(reminder) >= Date.parse(due)) {
		return { field: "reminder", text: "The reminder has to come before the due date." };
	}
	return null;
}

function same(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}
