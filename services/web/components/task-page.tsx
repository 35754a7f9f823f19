"use client";

import { betterAuthToken, createTasksClient } from "@drawbridge/client";
import { useLayoutEffect, useRef, useState } from "react";
import { authClient } from "@/lib/auth-client";
import { summary } from "@/lib/task-list";
import { useTasks } from "@/lib/use-tasks";
import { AddTask } from "./add-task";
import { EmptyList, FailurePanel, ListSkeleton, NoticeBar } from "./list-states";
import { SiteHeader } from "./site-header";
import { TaskRow } from "./task-row";

interface SignedInUser {
	id: string;
	name: string;
	email: string;
}

export function TaskPage({ apiUrl, user }: { apiUrl: string; user: SignedInUser }) {
	const [{ token, client }] = useState(() => {
		const token = betterAuthToken(authClient, { userId: user.id });
		return { token, client: createTasksClient({ baseUrl: apiUrl, token }) };
	});
	const { list, ...tasks } = useTasks(client);
	const [spoken, setSpoken] = useState("");
	const [signOutFailed, setSignOutFailed] = useState(false);
	const entry = useRef<HTMLInputElement>(null);
	const rows = useRef<HTMLUListElement>(null);
	const leaving = useRef<{ id: string; index: number } | null>(null);

	async function signOut() {
		setSignOutFailed(false);
		const { error } = await authClient.signOut().catch((cause: unknown) => ({ error: cause }));
		if (error) return setSignOutFailed(true);
		token.clear();
		// Not the router: with the document goes all that this page knows about its user.
		window.location.assign("/");
	}

	async function remove(index: number) {
		const row = list.rows[index];
		if (!row) return;
		leaving.current = { id: row.task.id, index };
		if (await tasks.remove(row.task)) setSpoken(`Deleted: ${row.task.title}`);
		else leaving.current = null;
	}

	// When the row that held the focus is gone, its neighbour gets it, so that a keyboard does not start from the top again.
	useLayoutEffect(() => {
		const gone = leaving.current;
		if (!gone || list.rows.some(({ task }) => task.id === gone.id)) return;
		leaving.current = null;
		if (document.activeElement !== document.body) return;
		const boxes = rows.current?.querySelectorAll<HTMLInputElement>("input[type=checkbox]") ?? [];
		(boxes[Math.min(gone.index, boxes.length - 1)] ?? entry.current)?.focus();
	}, [list.rows]);

	return (
		<>
			<SiteHeader>
				<span className="hidden truncate text-soft sm:block" title={user.email}>
					{user.name}
				</span>
				<button type="button" className="button-quiet shrink-0" onClick={signOut}>
					Sign out
				</button>
			</SiteHeader>
			<main className="mx-auto w-full max-w-2xl px-5 pt-4 pb-24 sm:pt-8">
				<div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
					<h1 className="font-display text-3xl tracking-tight sm:text-4xl">Your tasks</h1>
					<p className="text-soft">{list.status === "ready" ? summary(list) : ""}</p>
				</div>

				{signOutFailed && (
					<p
						role="alert"
						className="mt-5 rounded-lg border border-alarm/30 bg-alarm-wash px-4 py-3 text-alarm"
					>
						You are still signed in: the sign-in service gave no answer. Try again.
					</p>
				)}
				{list.notice && <NoticeBar notice={list.notice} onDismiss={tasks.dismiss} onReload={tasks.reload} />}

				<AddTask
					ref={entry}
					onAdd={async (title) => {
						const added = await tasks.add(title);
						if (added) setSpoken(`Added: ${title}`);
						return added;
					}}
				/>

				<section aria-label="Tasks" aria-busy={list.status === "loading"} className="mt-6">
					{list.status === "loading" && <ListSkeleton />}
					{list.failure && <FailurePanel failure={list.failure} onRetry={tasks.reload} />}
					{list.status === "ready" && list.rows.length === 0 && <EmptyList />}
					{list.status === "ready" && list.rows.length > 0 && (
						<ul
							ref={rows}
							className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-card shadow-sm"
						>
							{list.rows.map((row, index) => (
								<TaskRow
									key={row.task.id}
									row={row}
									onComplete={async (completed) => {
										if (await tasks.complete(row.task, completed)) {
											setSpoken(`${completed ? "Done" : "To do again"}: ${row.task.title}`);
										}
									}}
									onDelete={() => remove(index)}
								/>
							))}
						</ul>
					)}
					{list.status === "ready" && list.nextCursor !== null && (
						<div className="mt-5 text-center">
							<button
								type="button"
								className="button-quiet"
								aria-disabled={list.loadingMore}
								onClick={() => list.loadingMore || tasks.loadMore()}
							>
								{list.loadingMore ? "Loading…" : "Load more"}
							</button>
						</div>
					)}
				</section>
				<p aria-live="polite" className="sr-only">
					{spoken}
				</p>
			</main>
		</>
	);
}
