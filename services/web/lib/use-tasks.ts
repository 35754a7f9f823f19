"use client";

import { type Task, type TaskPage, type TasksClient, unwrap } from "@drawbridge/client";
import { useCallback, useEffect, useReducer, useRef } from "react";
import { describeFailure, isTaskGone, pauseBefore } from "./failure";
import { emptyList, taskList } from "./task-list";

const TASKS = "/api/v1/{user_id}/tasks";
const TASK = "/api/v1/{user_id}/tasks/{task_id}";
const me = { user_id: "me" };
const PAGE_SIZE = 50;

/** The signed-in user's tasks and what can be done with them. Functions that change something tell whether it was done. */
export function useTasks(tasks: TasksClient) {
	const [list, tell] = useReducer(taskList, emptyList);
	const attempts = useRef(0);

	const read = useCallback(
		(cursor: string | null, signal?: AbortSignal): Promise<TaskPage> => {
			const query = cursor === null ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, cursor };
			return unwrap(tasks.GET(TASKS, { params: { path: me, query }, ...(signal ? { signal } : {}) }));
		},
		[tasks],
	);

	const load = useCallback(
		async (signal?: AbortSignal) => {
			try {
				const page = await read(null, signal);
				attempts.current = 0;
				tell({ type: "loaded", page });
			} catch (error) {
				if (signal?.aborted) return;
				attempts.current += 1;
				tell({ type: "load-failed", failure: failed(error) });
			}
		},
		[read],
	);

	useEffect(() => {
		const left = new AbortController();
		load(left.signal);
		return () => left.abort();
	}, [load]);

	// A list that could not be loaded is tried again by itself, and at once when the browser says that it is back online.
	const { failure } = list;
	useEffect(() => {
		if (failure?.remedy !== "retry") return;
		const left = new AbortController();
		const again = () => load(left.signal);
		const timer = setTimeout(again, pauseBefore(attempts.current, failure.retryAfter) * 1000);
		window.addEventListener("online", again);
		return () => {
			left.abort();
			clearTimeout(timer);
			window.removeEventListener("online", again);
		};
	}, [failure, load]);

	async function attempt<T>(work: () => Promise<T>, onFailure: (error: unknown) => void): Promise<T | null> {
		try {
			return await work();
		} catch (error) {
			onFailure(error);
			return null;
		}
	}

	return {
		list,
		reload() {
			tell({ type: "loading" });
			return load();
		},
		async loadMore() {
			tell({ type: "more-wanted" });
			const page = await attempt(
				() => read(list.nextCursor),
				(error) => tell({ type: "failed", about: "More tasks could not be loaded.", failure: failed(error) }),
			);
			if (page) tell({ type: "more-loaded", page });
		},
		async add(title: string): Promise<boolean> {
			const task = await attempt(
				() => unwrap(tasks.POST(TASKS, { params: { path: me }, body: { title } })),
				(error) => tell({ type: "failed", about: "The task was not added.", failure: failed(error) }),
			);
			if (task) tell({ type: "added", task });
			return task !== null;
		},
		async complete(before: Task, completed: boolean): Promise<boolean> {
			const { id, title } = before;
			tell({ type: "completion-wanted", id, completed });
			const task = await attempt(
				() => unwrap(tasks.PATCH(TASK, { params: { path: { ...me, task_id: id } }, body: { completed } })),
				(error) => {
					const about = `“${title}” was not marked as ${completed ? "done" : "to do"}.`;
					tell({ type: "failed", about, failure: failed(error), id, before });
				},
			);
			if (task) tell({ type: "changed", task });
			return task !== null;
		},
		async remove({ id, title }: Task): Promise<boolean> {
			tell({ type: "deletion-wanted", id });
			const gone = await attempt(
				async () => {
					await unwrap(tasks.DELETE(TASK, { params: { path: { ...me, task_id: id } } })).catch((error) => {
						// Somebody was faster, in another tab: it is as was wished.
						if (!isTaskGone(error)) throw error;
					});
					return true;
				},
				(error) => tell({ type: "failed", about: `“${title}” was not deleted.`, failure: failed(error), id }),
			);
			if (gone) tell({ type: "deleted", id });
			return gone === true;
		},
		dismiss: () => tell({ type: "notice-read" }),
	};
}

function failed(error: unknown) {
	const failure = describeFailure(error);
	// Refusals and outages are on the screen; what is neither is a fault of ours, and the console is where its trace belongs.
	if (failure.title === "Something unexpected happened") console.error(error);
	return failure;
}
