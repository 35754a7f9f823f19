"use client";

import { type Change, ProblemError } from "@drawbridge/client";
import { useEffect, useState, useSyncExternalStore } from "react";
import { whileVisible } from "../api/while-visible";
import { dayWords } from "../dates";
import { toasts } from "../toasts";
import { useWorkspace } from "../workspace";
import { mayShow, replaced, tasksOf, without } from "./cache";
import { keys } from "./keys";
import { apply, shownTask } from "./optimism";

/** More than this at once is read as a list and not task by task. */
const MANY = 8;
const GATHER = 250;

/** What a page needs so long to be live after has perhaps been changed since it was read. */
const SLOW = 3_000;

export type LiveState = "connecting" | "live" | "away";

/** Shows what is done in other tabs and on other devices, as it happens. */
export function useLiveChanges(): LiveState {
	const { api, drawbridge, gate, queries } = useWorkspace();
	const [state, setState] = useState<LiveState>("connecting");
	// A stream that ended for want of a session is begun anew with the next one.
	const returns = useSyncExternalStore(gate.subscribe, gate.returns, () => 0);

	useEffect(() => {
		const left = new AbortController();
		let gathered = new Map<string, Change>();
		let timer: ReturnType<typeof setTimeout> | undefined;

		function everything() {
			queries.invalidateQueries();
		}

		async function look() {
			timer = undefined;
			const changes = [...gathered.values()];
			gathered = new Map();
			if (changes.some(({ kind }) => kind.endsWith(".erased"))) return everything();
			if (changes.some(({ kind }) => kind.startsWith("tag."))) {
				queries.invalidateQueries({ queryKey: keys.tags });
				queries.invalidateQueries({ queryKey: keys.lists });
			}
			const tasks = changes.filter(
				({ kind, entity_id, version }) =>
					kind.startsWith("task.") && (shownTask(queries, entity_id)?.version ?? 0) < version,
			);
			if (tasks.length === 0) return;
			for (const name of [keys.stats, keys.tags]) queries.invalidateQueries({ queryKey: name });
			if (tasks.length > MANY) {
				queries.invalidateQueries({ queryKey: keys.lists });
				return;
			}
			await Promise.all(tasks.map(({ entity_id }) => refresh(entity_id)));
		}

		async function refresh(id: string) {
			try {
				const task = await api.get(id, left.signal);
				const now = new Date();
				let unlisted = false;
				apply(queries, (pages, query) => {
					const listed = tasksOf(pages).some((shown) => shown.id === id);
					const shows = mayShow(query, task, now);
					unlisted ||= shows && !listed;
					if (!shows) return without(pages, new Set([id]));
					return replaced(pages, id, (shown) => (shown.version > task.version ? shown : task));
				});
				// Where in the list it stands, the API knows.
				if (unlisted) queries.invalidateQueries({ queryKey: keys.lists });
			} catch (error) {
				if (left.signal.aborted) return;
				if (!(error instanceof ProblemError && error.status === 404)) return everything();
				apply(queries, (pages, query) => (query.deleted === "only" ? pages : without(pages, new Set([id]))));
				queries.invalidateQueries({
					queryKey: keys.lists,
					predicate: ({ queryKey }) => (queryKey[1] as { deleted?: string } | undefined)?.deleted === "only",
				});
			}
		}

		async function remind(id: string) {
			const task = await api.get(id, left.signal).catch(() => null);
			if (!task || task.completed || task.deleted_at !== null) return;
			toasts.show({
				kind: "done",
				text: `Reminder: ${task.title}`,
				...(task.due_date === null ? {} : { detail: `Due ${dayWords(task.due_date, new Date())}` }),
				stays: true,
			});
		}

		const begun = Date.now();
		let known = false;
		const following = whileVisible(document, (since) =>
			drawbridge.changes.subscribe({
				...(since === null ? {} : { since }),
				signal: left.signal,
				onReset: everything,
				onState({ status }) {
					if (left.signal.aborted) return;
					// Out of sight it is let go of on purpose.
					const seen = document.visibilityState === "visible";
					if (seen && (status === "waiting" || status === "closed")) setState("away");
					if (status !== "live") return;
					setState("live");
					if (!known && (returns > 0 || Date.now() - begun > SLOW)) everything();
					known = true;
				},
				onChange(change) {
					if (change.kind === "task.reminder") void remind(change.entity_id);
					gathered.set(`${change.kind.split(".")[0]}:${change.entity_id}`, change);
					timer ??= setTimeout(() => void look(), GATHER);
				},
			}),
		);
		return () => {
			left.abort();
			following.close();
			clearTimeout(timer);
		};
	}, [api, drawbridge, queries, returns]);

	return state;
}
