import type { components } from "../schema.js";
import type { NewTask, Priority, Task, TaskFilters, TaskPatch } from "../tasks.js";

type TagRef = components["schemas"]["TagRef"];
type TagChoice = components["schemas"]["TagChoice"];

/** What a task will probably look like after a change; the API's answer takes its place. */
export function patched(task: Task, patch: TaskPatch, known: readonly TagRef[]): Task {
	const { tags, title, priority, recurrence, completed, create_missing_tags, recurrence_config, ...rest } =
		patch;
	const next: Task = { ...task, ...defined(rest) };
	if (title !== undefined) next.title = title.trim();
	if (priority !== undefined) Object.assign(next, ranked(priority));
	if (tags !== undefined) next.tags = (tags ?? []).map((tag) => tagOf(tag, [...task.tags, ...known]));
	if (recurrence !== undefined) next.recurrence = recurrence && { timezone: "UTC", ...recurrence };
	return completed === undefined ? next : settled(next, completed);
}

export function settled(task: Task, completed: boolean): Task {
	if (task.completed === completed) return task;
	return { ...task, completed, completed_at: completed ? new Date().toISOString() : null };
}

/** A task that is being made. Its version 0 tells it from all that are. */
export function placeholder(id: string, userId: string, body: NewTask, known: readonly TagRef[]): Task {
	const now = new Date().toISOString();
	const empty: Task = {
		id,
		user_id: userId,
		title: "",
		description: null,
		completed: false,
		completed_at: null,
		...ranked("none"),
		due_date: null,
		reminder_at: null,
		recurrence: null,
		recurrence_pattern: null,
		next_occurrence_id: null,
		parent_id: null,
		position: "\u{10ffff}",
		tags: [],
		version: 0,
		created_at: now,
		updated_at: now,
		deleted_at: null,
	};
	const { priority, ...rest } = body;
	return patched(empty, { ...rest, priority: priority ?? "none" }, known);
}

/** Whether a task that is being made belongs into a list, as far as that can be told without the API. */
export function belongs(task: Task, filters: TaskFilters): boolean {
	if (filters.deleted === "only" || filters.search || filters.overdue) return false;
	if (filters.tag?.length || filters.tag_id?.length || filters.due_before || filters.due_after) return false;
	if (filters.status === "complete" && !task.completed) return false;
	if (filters.status === "incomplete" && task.completed) return false;
	if (filters.priority?.length && !filters.priority.includes(task.priority)) return false;
	if (filters.parent_id !== undefined && (task.parent_id ?? "none") !== filters.parent_id) return false;
	return filters.untagged === undefined || filters.untagged === (task.tags.length === 0);
}

function ranked(priority: Priority): Pick<Task, "priority" | "priority_rank"> {
	return { priority, priority_rank: { none: 0, low: 1, medium: 2, high: 3 }[priority] };
}

function tagOf(choice: TagChoice, known: readonly TagRef[]): TagRef {
	const [id, name] =
		typeof choice === "string"
			? [choice, choice]
			: ["id" in choice ? choice.id : undefined, "name" in choice ? choice.name : undefined];
	const found = known.find((tag) => tag.id === id || tag.name.toLowerCase() === name?.trim().toLowerCase());
	return found ?? ({ id: id ?? name ?? "", name: name ?? "", color: "#808080" } as TagRef);
}

function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
	return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
}
