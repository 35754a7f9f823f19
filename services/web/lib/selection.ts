import type { TaskFilters } from "@drawbridge/client";
import { startOfDay } from "./dates";

/** Which tasks the list shows, and in which order. It lives in the address, so that it can be shared, and gone back from. */
export interface Selection {
	search: string;
	status: "open" | "done" | "all";
	priorities: Priority[];
	tagIds: string[];
	tagMatch: "any" | "all";
	due: Due;
	sort: Sort;
	direction: "asc" | "desc";
}

export type Priority = "none" | "low" | "medium" | "high";
export type Due = "any" | "overdue" | "today" | "week";
export type Sort = "created_at" | "due_date" | "priority" | "title" | "updated_at" | "position";

export const PRIORITIES: readonly Priority[] = ["high", "medium", "low", "none"];
export const SORTS: Record<Sort, { label: string; first: Selection["direction"] }> = {
	created_at: { label: "Newest", first: "desc" },
	due_date: { label: "Due date", first: "asc" },
	priority: { label: "Priority", first: "desc" },
	title: { label: "Title", first: "asc" },
	updated_at: { label: "Last changed", first: "desc" },
	position: { label: "My order", first: "asc" },
};

export const everything: Selection = {
	search: "",
	status: "open",
	priorities: [],
	tagIds: [],
	tagMatch: "any",
	due: "any",
	sort: "created_at",
	direction: "desc",
};

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** What an address asks for. Whatever it says that means nothing is passed over: people edit addresses, and links get old. */
export function readSelection(parameters: URLSearchParams): Selection {
	const one = <T extends string>(name: string, known: readonly T[], otherwise: T): T => {
		const value = parameters.get(name);
		return known.find((candidate) => candidate === value) ?? otherwise;
	};
	const sort = one("sort", Object.keys(SORTS) as Sort[], "created_at");
	return {
		search: (parameters.get("q") ?? "").trim().slice(0, 200),
		status: one("status", ["open", "done", "all"], "open"),
		priorities: PRIORITIES.filter((priority) => parameters.getAll("priority").includes(priority)),
		tagIds: [...new Set(parameters.getAll("tag").filter((id) => UUID.test(id)))].slice(0, 20),
		tagMatch: one("match", ["any", "all"], "any"),
		due: one("due", ["any", "overdue", "today", "week"], "any"),
		sort,
		direction: one("order", ["asc", "desc"], SORTS[sort].first),
	};
}

/** The address's part for it; nothing is written that goes without saying. */
export function writeSelection(selection: Selection): URLSearchParams {
	const parameters = new URLSearchParams();
	if (selection.search) parameters.set("q", selection.search);
	if (selection.status !== "open") parameters.set("status", selection.status);
	for (const priority of selection.priorities) parameters.append("priority", priority);
	for (const id of selection.tagIds) parameters.append("tag", id);
	if (selection.tagMatch === "all" && selection.tagIds.length > 1) parameters.set("match", "all");
	if (selection.due !== "any") parameters.set("due", selection.due);
	if (selection.sort !== "created_at") parameters.set("sort", selection.sort);
	if (selection.direction !== SORTS[selection.sort].first) parameters.set("order", selection.direction);
	return parameters;
}

export type TaskQuery = TaskFilters;

/** The same for the API. Days are those of this browser's zone. */
export function toQuery(selection: Selection, now: Date): TaskQuery {
	const query: TaskQuery = { sort_by: selection.sort, order: selection.direction };
	if (selection.status === "open") query.status = "incomplete";
	if (selection.status === "done") query.status = "complete";
	if (selection.search) query.search = selection.search;
	if (selection.priorities.length > 0) query.priority = selection.priorities;
	if (selection.tagIds.length > 0) {
		query.tag_id = selection.tagIds;
		query.tag_match = selection.tagMatch;
	}
	if (selection.due === "overdue") query.overdue = true;
	if (selection.due === "today" || selection.due === "week") {
		// Both ends are left out by the API, so the first instant of today is let in by the one before it.
		query.due_after = new Date(startOfDay(now).getTime() - 1).toISOString();
		query.due_before = startOfDay(now, selection.due === "today" ? 1 : 7).toISOString();
	}
	return query;
}

/** How many filters narrow the list, beside the search and the state that are always in sight. */
export function filterCount({ priorities, tagIds, due }: Selection): number {
	return priorities.length + tagIds.length + (due === "any" ? 0 : 1);
}

/** Whether tasks may be shown below their parents: a list of matches is flat. */
export function isPlain(selection: Selection): boolean {
	return selection.search === "" && filterCount(selection) === 0;
}
