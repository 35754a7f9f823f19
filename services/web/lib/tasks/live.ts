"use client";

import { ProblemError } from "@drawbridge/client";
import { useEffect, useState } from "react";
import { type Change, follow, type LiveState } from "../api/events";
import { useWorkspace } from "../workspace";
import { mayShow, replaced, tasksOf, without } from "./cache";
import { keys } from "./keys";
import { apply, shownTask } from "./optimism";

/** More than this at once is read as a list and not task by task. */
const MANY = 8;
const GATHER = 250;

/** Shows what is done in other tabs and on other devices, as it happens. */
export function useLiveChanges(): LiveState {
	const { api, apiUrl, token, queries } = useWorkspace();
	const [state, setState] = useState<LiveState>("connecting");

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
			if (changes.some(({ kind }) => kind === "import.done" || kind.endsWith(".erased"))) return everything();
			if (changes.some(({ kind }) => kind.startsWith("tag."))) {
				queries.invalidateQueries({ queryKey: keys.tags });
				queries.invalidateQueries({ queryKey: keys.lists });
			}
			const tasks = changes.filter(
				({ kind, entityId, version }) =>
					kind.startsWith("task.") && (shownTask(queries, entityId)?.version ?? 0) < version,
			);
			if (tasks.length === 0) return;
			queries.invalidateQueries({ queryKey: keys.stats });
			if (tasks.length > MANY) {
				queries.invalidateQueries({ queryKey: keys.lists });
				return;
			}
			await Promise.all(tasks.map(({ entityId }) => refresh(entityId)));
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

		void follow({
			baseUrl: apiUrl,
			token,
			signal: left.signal,
			onState: setState,
			onReset: everything,
			onChange(change) {
				gathered.set(`${change.kind.split(".")[0]}:${change.entityId}`, change);
				timer ??= setTimeout(() => void look(), GATHER);
			},
		});
		return () => {
			left.abort();
			clearTimeout(timer);
		};
	}, [api, apiUrl, token, queries]);

	return state;
}
