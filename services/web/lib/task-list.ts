import type { Task, TaskPage } from "@drawbridge/client";
import type { Failure } from "./failure";

export interface Row {
	task: Task;
	/** What has been asked of the API and not been answered. */
	pending: "completion" | "deletion" | null;
}

export interface TaskList {
	/** `failed` is about the list as a whole; what fails on one task leaves the list standing and is told in `notice`. */
	status: "loading" | "ready" | "failed";
	rows: readonly Row[];
	nextCursor: string | null;
	loadingMore: boolean;
	failure: Failure | null;
	notice: { about: string; failure: Failure } | null;
}

export type TaskListEvent =
	| { type: "loading" }
	| { type: "loaded"; page: TaskPage }
	| { type: "load-failed"; failure: Failure }
	| { type: "more-wanted" }
	| { type: "more-loaded"; page: TaskPage }
	| { type: "added"; task: Task }
	| { type: "completion-wanted"; id: string; completed: boolean }
	| { type: "changed"; task: Task }
	| { type: "deletion-wanted"; id: string }
	| { type: "deleted"; id: string }
	/** `before` is the task as it was, where the list had shown the wish as granted. */
	| { type: "failed"; about: string; failure: Failure; id?: string; before?: Task }
	| { type: "notice-read" };

export const emptyList: TaskList = {
	status: "loading",
	rows: [],
	nextCursor: null,
	loadingMore: false,
	failure: null,
	notice: null,
};

export function taskList(list: TaskList, event: TaskListEvent): TaskList {
	switch (event.type) {
		case "loading":
			return { ...list, status: "loading", failure: null };
		case "loaded":
			return { ...emptyList, status: "ready", rows: rowsOf(event.page), nextCursor: event.page.next_cursor };
		case "load-failed":
			return { ...list, status: "failed", failure: event.failure };
		case "more-wanted":
			return { ...list, loadingMore: true, notice: null };
		case "more-loaded": {
			// A task may be here already: added in this tab since the page before was read.
			const known = new Set(list.rows.map(({ task }) => task.id));
			const fresh = rowsOf(event.page).filter(({ task }) => !known.has(task.id));
			return {
				...list,
				rows: [...list.rows, ...fresh],
				nextCursor: event.page.next_cursor,
				loadingMore: false,
			};
		}
		case "added":
			return { ...list, rows: [{ task: event.task, pending: null }, ...list.rows], notice: null };
		case "completion-wanted":
			return {
				...withRow(list, event.id, ({ task }) => ({
					task: { ...task, completed: event.completed },
					pending: "completion",
				})),
				notice: null,
			};
		case "changed":
			return withRow(list, event.task.id, () => ({ task: event.task, pending: null }));
		case "deletion-wanted":
			return { ...withRow(list, event.id, (row) => ({ ...row, pending: "deletion" })), notice: null };
		case "deleted":
			return { ...list, rows: list.rows.filter(({ task }) => task.id !== event.id) };
		case "failed": {
			const { about, failure, id, before } = event;
			const restored = id ? withRow(list, id, ({ task }) => ({ task: before ?? task, pending: null })) : list;
			return { ...restored, loadingMore: false, notice: { about, failure } };
		}
		case "notice-read":
			return { ...list, notice: null };
	}
}

/** How many are there and done, as far as they are loaded. */
export function summary(list: TaskList): string {
	const total = list.rows.length;
	const done = list.rows.filter(({ task }) => task.completed).length;
	if (total === 0) return "";
	if (list.nextCursor !== null) return `The newest ${total}, ${done} of them done`;
	if (done === total) return total === 1 ? "One task, done" : `All ${total} done`;
	return done === 0 ? `${total} to do` : `${total - done} to do, ${done} done`;
}

function rowsOf(page: TaskPage): Row[] {
	return page.items.map((task) => ({ task, pending: null }));
}

function withRow(list: TaskList, id: string, change: (row: Row) => Row): TaskList {
	return { ...list, rows: list.rows.map((row) => (row.task.id === id ? change(row) : row)) };
}
