"use client";

import dynamic from "next/dynamic";
import { useMemo, useRef, useState } from "react";
import type { Task } from "@/lib/api/api";
import { describeFailure } from "@/lib/failure";
import { filterCount, isPlain, toQuery } from "@/lib/selection";
import { useTaskActions } from "@/lib/tasks/actions";
import { useChildren, useStats, useTaskList } from "@/lib/tasks/queries";
import { linesOf } from "@/lib/tasks/tree";
import { useMatches } from "@/lib/tasks/use-matches";
import { useNow } from "@/lib/use-now";
import { useSelection } from "@/lib/use-selection";
import { FilterBar } from "./filter-bar";
import { EmptyList, FailurePanel, ListSkeleton, NoMatches } from "./list-states";
import { QuickAdd } from "./quick-add";
import { TaskList } from "./task-list";

const TaskEditor = dynamic(() => import("../editor/task-editor").then((module) => module.TaskEditor), {
	ssr: false,
});

/** What the editor is open for: a task that is there, or one to be. */
type Editing = { id: string } | { title: string; parent?: Task };

export function TaskPage() {
	const [selection, select] = useSelection();
	const now = useNow();
	const today = now.toDateString();
	// biome-ignore lint/correctness/useExhaustiveDependencies: the query changes with the day, not with the minute.
	const query = useMemo(() => toQuery(selection, now), [selection, today]);
	const list = useTaskList(query);
	const stats = useStats();
	const actions = useTaskActions();
	const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
	const [editing, setEditing] = useState<Editing | null>(null);

	const nested = isPlain(selection);
	const childrenOf = useChildren(nested ? [...unfolded] : []);
	const tasks = useMatches(list.data, selection, list.isPlaceholderData);
	const lines = linesOf(tasks, {
		nested,
		unfolded,
		childrenOf,
		complete: list.isSuccess && !list.hasNextPage && selection.status === "all",
	});

	// From the editor one may go on to a subtask, so where the focus came from is kept here and not by the dialog.
	const opener = useRef<Element | null>(null);
	function edit(next: Editing) {
		if (!editing) opener.current = document.activeElement;
		setEditing(next);
	}
	function close() {
		setEditing(null);
		setTimeout(() => {
			if (opener.current instanceof HTMLElement && document.activeElement === document.body) {
				opener.current.focus();
			}
		});
	}

	function fold(id: string, open: boolean) {
		setUnfolded((before) => {
			const after = new Set(before);
			if (open) after.add(id);
			else after.delete(id);
			return after;
		});
	}

	const failure = list.error && !list.data ? describeFailure(list.error) : null;
	return (
		<>
			<div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
				<h1 className="font-display text-3xl tracking-tight">Your tasks</h1>
				<p className="min-h-6 text-soft">{stats.data ? summary(stats.data) : ""}</p>
			</div>
			<QuickAdd onAdd={actions.add} onDetails={(title) => edit({ title })} />
			<FilterBar selection={selection} onChange={select} busy={list.isPlaceholderData} />
			<section
				aria-label="Tasks"
				aria-busy={list.isPending || list.isPlaceholderData}
				className={`mt-4 transition-opacity ${list.isPlaceholderData ? "opacity-70" : ""}`}
			>
				{list.isPending && <ListSkeleton />}
				{failure && <FailurePanel failure={failure} onRetry={() => list.refetch()} />}
				{list.data &&
					lines.length === 0 &&
					!list.isPlaceholderData &&
					(selection.status === "open" && nested ? (
						<EmptyList done={(stats.data?.completed ?? 0) > 0} />
					) : (
						<NoMatches
							narrowed={filterCount(selection) > 0 || selection.search !== ""}
							onClear={() => select({ search: "", priorities: [], tagIds: [], due: "any", status: "open" })}
						/>
					))}
				{list.data && lines.length > 0 && (
					<TaskList
						lines={lines}
						now={now}
						movable={selection.sort === "position" && nested}
						actions={actions}
						onOpen={(id) => edit({ id })}
						onFold={fold}
						more={{
							exists: list.hasNextPage,
							loading: list.isFetchingNextPage,
							failed: list.isFetchNextPageError,
							load: () => list.fetchNextPage(),
						}}
					/>
				)}
			</section>
			{editing && (
				<TaskEditor
					{...editing}
					key={"id" in editing ? editing.id : "new"}
					actions={actions}
					onOpen={(id) => edit({ id })}
					onClose={close}
				/>
			)}
		</>
	);
}

function summary({ open, overdue, due_today }: { open: number; overdue: number; due_today: number }): string {
	const parts = [`${open} open`];
	if (due_today > 0) parts.push(`${due_today} due today`);
	if (overdue > 0) parts.push(`${overdue} overdue`);
	return parts.join(" · ");
}
