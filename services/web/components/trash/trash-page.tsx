"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { dayWords } from "@/lib/dates";
import { describeFailure } from "@/lib/failure";
import { reportFailure } from "@/lib/report-failure";
import type { TaskQuery } from "@/lib/selection";
import { useTaskActions } from "@/lib/tasks/actions";
import { tasksOf } from "@/lib/tasks/cache";
import { keys } from "@/lib/tasks/keys";
import { useTaskList } from "@/lib/tasks/queries";
import { toasts } from "@/lib/toasts";
import { useNow } from "@/lib/use-now";
import { useWorkspace } from "@/lib/workspace";
import { Icon } from "../icon";
import { FailurePanel, ListSkeleton, Quiet } from "../tasks/list-states";
import { AskFirst } from "./ask-first";

const TRASH: TaskQuery = { deleted: "only", sort_by: "updated_at", order: "desc" };

export function TrashPage() {
	const { api } = useWorkspace();
	const queries = useQueryClient();
	const now = useNow();
	const list = useTaskList(TRASH);
	const actions = useTaskActions();
	const [asking, setAsking] = useState<string | null>(null);
	const tasks = tasksOf(list.data);

	const emptying = useMutation({
		mutationFn: () => api.emptyTrash(),
		onSuccess({ purged }) {
			toasts.show({ kind: "done", text: `Deleted ${purged} ${purged === 1 ? "task" : "tasks"} for good` });
			queries.invalidateQueries({ queryKey: keys.lists });
			queries.invalidateQueries({ queryKey: keys.stats });
		},
		onError: (error) => reportFailure("The trash was not emptied.", error),
	});

	return (
		<>
			<div className="flex flex-wrap items-center justify-between gap-3">
				<h1 className="font-display text-3xl tracking-tight">Trash</h1>
				{tasks.length > 0 && (
					<AskFirst
						ask="Empty the trash"
						question="Delete all of it for good?"
						yes="Empty it"
						no="Keep it"
						asking={asking === "all"}
						onAsk={(open) => setAsking(open ? "all" : null)}
						onYes={() => emptying.mutate()}
					/>
				)}
			</div>
			<p className="mt-2 text-soft">What is here for thirty days is deleted for good by itself.</p>
			<section aria-label="Deleted tasks" aria-busy={list.isPending} className="mt-6">
				{list.isPending && <ListSkeleton rows={3} what="the trash" />}
				{list.error && !list.data && (
					<FailurePanel failure={describeFailure(list.error)} onRetry={() => list.refetch()} />
				)}
				{list.data && tasks.length === 0 && (
					<Quiet title="The trash is empty">What you delete waits here for a while.</Quiet>
				)}
				{tasks.length > 0 && (
					<ul className="card divide-y divide-line">
						{tasks.map((task) => (
							<li key={task.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
								<div className="min-w-[12rem] grow basis-0">
									<p className="wrap-anywhere">{task.title}</p>
									{task.deleted_at && (
										<p className="text-sm text-soft">Deleted {lowered(dayWords(task.deleted_at, now))}</p>
									)}
								</div>
								<div className="ml-auto flex flex-wrap items-center gap-1">
									{asking !== task.id && (
										<button
											type="button"
											className="button-plain"
											aria-label={`Restore ${task.title}`}
											onClick={() => void actions.restore(task)}
										>
											<Icon name="restore" className="size-4" />
											Restore
										</button>
									)}
									<AskFirst
										ask="Delete for good"
										name={`Delete for good: ${task.title}`}
										question="For good?"
										yes="Delete"
										no="Keep it"
										asking={asking === task.id}
										onAsk={(open) => setAsking(open ? task.id : null)}
										onYes={() => void actions.remove(task, true)}
									/>
								</div>
							</li>
						))}
					</ul>
				)}
				{list.hasNextPage && (
					<div className="mt-5 text-center">
						<button
							type="button"
							className="button-quiet"
							aria-disabled={list.isFetchingNextPage}
							onClick={() => list.fetchNextPage()}
						>
							{list.isFetchingNextPage ? "Loading…" : "Load more"}
						</button>
					</div>
				)}
			</section>
		</>
	);
}

const lowered = (text: string) => text.replace(/^(Today|Yesterday)/, (word) => word.toLowerCase());
