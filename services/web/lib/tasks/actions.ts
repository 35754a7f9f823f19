"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Move, NewTask, Tag, TagRef, Task, TaskPatch } from "../api/api";
import { isTaskGone } from "../failure";
import { reportFailure } from "../report-failure";
import { toasts } from "../toasts";
import { useWorkspace } from "../workspace";
import { appended, mayShow, moved, prepended, replaced, without } from "./cache";
import { keys } from "./keys";
import { anticipate, apply, readAgain, settle, shownTask, sift } from "./optimism";
import { patched, placeholder } from "./placeholder";

/** How long a task that was just done stays where it was, crossed out, in a list of open ones. */
const FAREWELL = 1_200;

/** What can be done with tasks: shown at once, sent, and taken back with a word where the API refuses. */
export function useTaskActions() {
	const { api } = useWorkspace();
	const queries = useQueryClient();

	const create = useMutation({
		mutationFn: ({ body, key }: { body: NewTask; key: string; tags: TagRef[] }) => api.create(body, key),
		async onMutate({ body, key, tags }) {
			const now = new Date();
			const task = placeholder(body, key, tags, now);
			await anticipate(queries, (pages, query) => {
				if (!mayShow(query, task, now)) return pages;
				return query.sort_by === "position" && query.order !== "desc"
					? appended(pages, task)
					: prepended(pages, task);
			});
		},
		onSuccess(task, { key }) {
			apply(queries, (pages) => replaced(pages, key, () => task));
			void readAgain(queries);
			for (const name of [keys.stats, keys.tags]) queries.invalidateQueries({ queryKey: name });
		},
		onError: (_, { key }) => apply(queries, (pages) => without(pages, new Set([key]))),
	});

	const patch = useMutation({
		mutationFn: ({ id, body, version }: { id: string; body: TaskPatch; version: number | null }) =>
			api.patch(id, body, version),
		onMutate({ id, body }) {
			const tags = queries.getQueryData<Tag[]>(keys.tags) ?? [];
			return anticipate(queries, (pages) => replaced(pages, id, (task) => patched(task, body, tags)));
		},
		onError: (_error, _variables, context) => context?.takeBack(),
		onSuccess(task) {
			settle(queries, task);
			queries.invalidateQueries({ queryKey: keys.tags });
			sift(queries, task.id);
		},
	});

	const completion = useMutation({
		mutationFn: ({ id, completed }: { id: string; completed: boolean }) => api.setCompletion(id, completed),
		onMutate: ({ id, completed }) =>
			anticipate(queries, (pages) => replaced(pages, id, (task) => ({ ...task, completed }))),
		onError: (_error, _variables, context) => context?.takeBack(),
		onSuccess({ task, next_occurrence }) {
			settle(queries, task);
			// Those below it were completed along with it, and a task that recurs has a new one in its place.
			if (task.completed) queries.invalidateQueries({ queryKey: ["tasks"], refetchType: "none" });
			setTimeout(() => {
				sift(queries, task.id);
				if (next_occurrence) {
					apply(queries, (pages, query) =>
						mayShow(query, next_occurrence, new Date()) ? prepended(pages, next_occurrence) : pages,
					);
				}
			}, FAREWELL);
		},
	});

	const removal = useMutation({
		async mutationFn({ id, permanent }: { id: string; permanent: boolean }) {
			// Somebody was faster, in another tab: it is as was wished.
			await api.remove(id, permanent).catch((error: unknown) => {
				if (!isTaskGone(error)) throw error;
			});
		},
		onMutate: ({ id }) => anticipate(queries, (pages) => without(pages, new Set([id]))),
		onError: (_error, _variables, context) => context?.takeBack(),
		onSuccess() {
			queries.invalidateQueries({ queryKey: keys.stats });
			queries.invalidateQueries({ queryKey: keys.lists, refetchType: "none" });
		},
	});

	const restoration = useMutation({
		mutationFn: (id: string) => api.restore(id),
		onMutate: (id) =>
			anticipate(queries, (pages, query) =>
				query.deleted === "only" ? without(pages, new Set([id])) : pages,
			),
		onError: (_error, _id, context) => context?.takeBack(),
		onSuccess() {
			// Where it belongs, and what comes back with it, the API knows.
			queries.invalidateQueries({ queryKey: keys.lists });
			queries.invalidateQueries({ queryKey: keys.stats });
		},
	});

	const move = useMutation({
		mutationFn: ({ id, to }: { id: string; to: Move }) => api.move(id, to),
		onMutate: ({ id, to }) =>
			anticipate(queries, (pages, query) => (query.sort_by === "position" ? moved(pages, id, to) : pages)),
		onError: (_error, _variables, context) => context?.takeBack(),
		onSuccess: (task) => settle(queries, task),
	});

	const { mutateAsync: createNow } = create;
	const add = useCallback(
		async (body: NewTask, tags: TagRef[] = []): Promise<Task | null> => {
			try {
				return await createNow({ body, key: crypto.randomUUID(), tags });
			} catch (error) {
				reportFailure("The task was not added.", error);
				return null;
			}
		},
		[createNow],
	);

	const { mutateAsync: complete } = completion;
	const setCompleted = useCallback(
		async (task: Task, completed: boolean): Promise<boolean> => {
			try {
				await complete({ id: task.id, completed });
			} catch (error) {
				const about = `“${task.title}” was not marked as ${completed ? "done" : "to do"}.`;
				reportFailure(about, error, () => setCompleted(task, completed));
				return false;
			}
			toasts.show({
				kind: "done",
				text: `${completed ? "Done" : "To do again"}: ${task.title}`,
				...(completed ? { action: { label: "Undo", run: () => void reopen(task) } } : {}),
			});
			return true;

			async function reopen(done: Task) {
				if (await setCompleted(done, false)) queries.invalidateQueries({ queryKey: keys.lists });
			}
		},
		[complete, queries],
	);

	const { mutateAsync: bringBack } = restoration;
	const restore = useCallback(
		async (task: Pick<Task, "id" | "title">): Promise<boolean> => {
			try {
				await bringBack(task.id);
				toasts.show({ kind: "done", text: `Restored: ${task.title}` });
				return true;
			} catch (error) {
				reportFailure(`“${task.title}” was not restored.`, error, () => restore(task));
				return false;
			}
		},
		[bringBack],
	);

	const { mutateAsync: take } = removal;
	const remove = useCallback(
		async (task: Pick<Task, "id" | "title">, permanent = false): Promise<boolean> => {
			try {
				await take({ id: task.id, permanent });
			} catch (error) {
				reportFailure(`“${task.title}” was not deleted.`, error, () => remove(task, permanent));
				return false;
			}
			toasts.show({
				kind: "done",
				text: `${permanent ? "Deleted for good" : "Deleted"}: ${task.title}`,
				...(permanent ? {} : { action: { label: "Undo", run: () => void restore(task) } }),
			});
			return true;
		},
		[take, restore],
	);

	const { mutateAsync: moveNow } = move;
	const reorder = useCallback(
		async (id: string, to: Move): Promise<boolean> => {
			try {
				await moveNow({ id, to });
				return true;
			} catch (error) {
				const title = shownTask(queries, id)?.title ?? "The task";
				reportFailure(`“${title}” was not moved.`, error, () => reorder(id, to));
				return false;
			}
		},
		[moveNow, queries],
	);

	/** Throws: who edits decides what a conflict means. */
	const { mutateAsync: edit } = patch;
	return { add, setCompleted, remove, restore, reorder, edit };
}

export type TaskActions = ReturnType<typeof useTaskActions>;
